import { paths } from "@/paths";
import { buttonClasses } from "@/ui/button";
import { Link } from "@/ui/link";
import { say } from "@/words/say";
import { Frame } from "./frame";

const steps = ["1", "2", "3"] as const;
const heights = [18, 34, 58, 40, 76, 52, 92, 64, 100, 70, 86, 46, 66, 38, 54, 28, 20];

export function WelcomePage() {
  return (
    <Frame title={say("app.tagline")}>
      <div className="mx-auto max-w-6xl px-4 py-14 sm:px-6 sm:py-24">
        <div className="grid items-center gap-12 lg:grid-cols-[1.15fr_1fr]">
          <div>
            <h1 className="text-display">{say("welcome.title")}</h1>
            <p className="mt-5 max-w-xl text-lead text-quiet">{say("welcome.lead")}</p>
            <div className="mt-9 flex flex-wrap gap-3">
              <Link to={paths.signUp()} className={buttonClasses("primary", "px-7!")}>
                {say("welcome.start")}
              </Link>
              <Link to={paths.topics()} className={buttonClasses("plain")}>
                {say("welcome.browse")}
              </Link>
            </div>
          </div>
          <div aria-hidden="true" className="flex h-44 items-center justify-center gap-2 text-accent lg:h-64 lg:gap-2.5">
            {heights.map((height, index) => (
              <span
                // The drawing never changes, so a bar's place is its identity.
                key={index}
                className="w-2 rounded-full bg-current lg:w-2.5"
                style={{ height: `${height}%`, opacity: 0.3 + height / 150 }}
              />
            ))}
          </div>
        </div>
        <section className="mt-20 border-t border-line pt-12 sm:mt-28">
          <h2 className="text-title">{say("welcome.stepsTitle")}</h2>
          <ol className="mt-8 grid gap-8 sm:grid-cols-3 sm:gap-10">
            {steps.map((step) => (
              <li key={step}>
                <span className="font-bold text-accent tabular">{step}</span>
                <h3 className="mt-1 text-lead">{say(`welcome.step${step}`)}</h3>
                <p className="mt-1.5 text-quiet">{say(`welcome.step${step}Text`)}</p>
              </li>
            ))}
          </ol>
        </section>
      </div>
    </Frame>
  );
}
