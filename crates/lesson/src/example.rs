//! A lesson for the tests of this crate.

use crate::Lesson;

pub(crate) const WEEKEND: &str = r#"{
  "id": "weekend", "version": 1, "level": "A2", "minutes": 5,
  "goal": "Talk about what you did and give one reason",
  "opening": "Hi, I'm Mira. Let's talk about your weekend for about five minutes.",
  "phrases": ["On Saturday I …", "The best part was …", "I didn't … because …"],
  "questions": [
    {"id": "q1", "ask": "What did you do last weekend?", "simpler": "Where were you on Saturday?",
     "choice": "Did you stay at home, or did you go out?",
     "sample": "For example: On Saturday I went to the market with my sister.",
     "slots": [
       {"name": "place", "words": ["market", "park", "beach", "cinema", "home", "restaurant"],
        "follow_up": ["Who was with you at the {word}?", "What do you like about the {word}?"]},
       {"name": "people", "words": ["friend", "friends", "brother", "sister", "mother", "family"],
        "follow_up": ["What did you do together?"]}],
     "extend": ["What happened next?", "Why did you choose that?"]},
    {"id": "q2", "ask": "What was the best part?", "simpler": "What did you like?",
     "choice": "Was it the food, or the people?", "sample": "For example: The best part was the music.",
     "extend": ["Can you tell me more about it?"]}],
  "long_turn": {"ask": "Now talk for one minute about a perfect weekend. I will listen and not interrupt.",
                "points": ["where", "with whom", "what you would eat", "why"]},
  "closing": "Thanks for talking with me."
}"#;

pub(crate) fn weekend() -> Lesson {
    Lesson::parse(WEEKEND).expect("the example is a lesson")
}
