import type { Finding } from "@/api/contract";
import en from "@/words/en.json";
import { say } from "@/words/say";
import { lengthInWords } from "@/words/time";

type KnownMetric = keyof typeof en.rating.metric;

function isKnown(metric: string): metric is KnownMetric {
  return metric in en.rating.metric;
}

/** A metric's name. One that is new to this page shows as it is called, made readable. */
export function nameOf({ metric }: Finding): string {
  if (isKnown(metric)) return say(`rating.metric.${metric}`);
  const filler = /^fillers_(.+)$/.exec(metric)?.[1];
  if (filler !== undefined) return say("rating.filler", { word: filler.replaceAll("_", " ") });
  const words = metric.replaceAll(/[_.-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

type KnownSource = keyof typeof en.rating.source;

function isKnownSource(source: string): source is KnownSource {
  return source in en.rating.source;
}

/** What a finding was made from; null when that is new to this page. */
export function sourceOf({ source }: Finding): string | null {
  return isKnownSource(source) ? say(`rating.source.${source}`) : null;
}

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** A finding's value with its unit; null when it was not measured. */
export function valueOf({ value, unit }: Finding): string | null {
  if (value === null) return null;
  switch (unit) {
    case "ms":
      return seconds(value / 1000);
    case "s":
      return seconds(value);
    case "ratio":
      return say("unit.percent", { value: number.format(value * 100) });
    case "count":
      return say("unit.count", { value: number.format(value) });
    case "per_minute":
      return say("unit.perMinute", { value: number.format(value) });
    case "per_second":
      return say("unit.perSecond", { value: number.format(value) });
    case "index":
    case "band":
      return number.format(value);
    default:
      return say("unit.other", { value: number.format(value), unit: unit.replaceAll("_", " ") });
  }
}

function seconds(value: number): string {
  return value >= 60 ? lengthInWords(value * 1000) : say("unit.s", { value: number.format(value) });
}
