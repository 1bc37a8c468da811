//! All SQL of this service.

use crate::{
    list::{Filter, Place},
    topic::{Summary, Topic},
};
use clock::Timestamp;
use ids::TopicId;
use lesson::{Lesson, LessonError};
use postgres::StoreError;
use sqlx::PgConnection;
use std::str::FromStr;
use tracing::instrument;

/// A stored value in the type it must have.
fn stored<T: FromStr>(column: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Inconsistent { table: "topic", column })
}

/// A number that is never negative.
fn stored_count(column: &'static str, number: i32) -> Result<u32, StoreError> {
    number.try_into().map_err(|_| StoreError::Inconsistent { table: "topic", column })
}

fn as_integer(number: u32) -> i32 {
    i32::try_from(number).expect("a lesson's limits keep its numbers small")
}

/// Stores a topic unless it is there in the same or a higher version. Says whether it was stored.
#[instrument(name = "db.topic.upsert_newer", skip_all, fields(topic.id = %topic.id))]
pub async fn upsert_newer(
    connection: &mut PgConnection,
    topic: &Topic,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let lesson = serde_json::to_value(&topic.lesson).expect("a lesson is plain data and always encodes");
    let stored = sqlx::query!(
        "insert into topic as offered
             (topic_id, title, summary, level, kind, minutes, goal, situation, version, lesson, search, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (topic_id) do update set
             title = excluded.title, summary = excluded.summary, level = excluded.level, kind = excluded.kind,
             minutes = excluded.minutes, goal = excluded.goal, situation = excluded.situation,
             version = excluded.version, lesson = excluded.lesson, search = excluded.search,
             changed_at = excluded.changed_at
         where offered.version < excluded.version",
        topic.id.as_uuid(),
        topic.title,
        topic.summary,
        topic.lesson.level.as_str(),
        topic.kind.as_str(),
        as_integer(topic.lesson.minutes),
        topic.lesson.goal,
        topic.situation,
        as_integer(topic.lesson.version),
        lesson,
        topic.search_text(),
        now,
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(stored == 1)
}

/// The topic, if it is offered.
#[instrument(name = "db.topic.find", skip_all, fields(topic.id = %topic))]
pub async fn find(connection: &mut PgConnection, topic: TopicId) -> Result<Option<Topic>, StoreError> {
    let row = sqlx::query!(
        r#"select title, summary, kind, situation, lesson::text as "lesson!" from topic where topic_id = $1"#,
        topic.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let not_a_lesson = |_: LessonError| StoreError::Inconsistent { table: "topic", column: "lesson" };
    Ok(Some(Topic {
        id: topic,
        title: row.title,
        summary: row.summary,
        kind: stored("kind", &row.kind)?,
        situation: row.situation,
        lesson: Lesson::parse(&row.lesson).map_err(not_a_lesson)?,
    }))
}

/// Topics that pass the filter, by level and title, from the given place on.
#[instrument(name = "db.topic.list", skip_all)]
pub async fn list(
    connection: &mut PgConnection,
    filter: &Filter,
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<Summary>, StoreError> {
    let rows = sqlx::query!(
        "select topic_id, title, summary, level, kind, minutes, goal
         from topic
         where ($1::text is null or level = $1)
           and ($2::text is null or kind = $2)
           and search like all ($3::text[])
           and ($4::text is null or (level, title, topic_id) > ($4, $5, $6::uuid))
         order by level, title, topic_id
         limit $7",
        filter.level.map(lesson::Level::as_str),
        filter.kind.map(lesson::Kind::as_str),
        &filter.search.patterns(),
        after.map(|place| place.level.as_str()),
        after.map(|place| place.title.as_str()),
        after.map(|place| place.id.as_uuid()),
        limit,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Summary {
                id: row.topic_id.into(),
                title: row.title,
                summary: row.summary,
                level: stored("level", &row.level)?,
                kind: stored("kind", &row.kind)?,
                minutes: stored_count("minutes", row.minutes)?,
                goal: row.goal,
            })
        })
        .collect()
}
