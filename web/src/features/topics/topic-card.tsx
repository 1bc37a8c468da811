import type { TopicSummary } from "@/api/contract";
import { paths } from "@/paths";
import { Chip } from "@/ui/chip";
import { Icon } from "@/ui/icon";
import { Link } from "@/ui/link";
import { say } from "@/words/say";

export function TopicCard({ topic }: { topic: TopicSummary }) {
  return (
    <article className="group relative flex h-full flex-col rounded-lg border border-line bg-raised p-6 transition-[border-color,box-shadow] duration-200 focus-within:border-accent hover:border-accent hover:shadow-float">
      <div className="flex items-center gap-3 text-small text-quiet">
        <Chip tone="accent">{topic.level}</Chip>
        <span>{say(`topics.kinds.${topic.kind}`)}</span>
        <span className="ml-auto flex items-center gap-1.5 tabular">
          <Icon name="clock" className="size-4" />
          {say("topics.minutes", { count: topic.minutes })}
        </span>
      </div>
      <h2 className="mt-4 text-lead font-bold">
        <Link
          to={paths.practise(topic.id)}
          aria-label={say("topics.practise", { title: topic.title })}
          className="outline-none after:absolute after:inset-0 after:rounded-lg focus-visible:after:outline-3 focus-visible:after:outline-offset-2 focus-visible:after:outline-accent"
        >
          {topic.title}
        </Link>
      </h2>
      <p className="mt-1.5 text-quiet">{topic.summary}</p>
      <p className="mt-auto flex items-start gap-2 pt-5 text-small">
        <Icon name="target" className="mt-0.5 size-4 text-accent" />
        <span>
          <span className="sr-only">{say("check.goal")}: </span>
          {topic.goal}
        </span>
      </p>
    </article>
  );
}
