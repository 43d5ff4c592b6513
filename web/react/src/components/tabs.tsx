import { Tabs as Radix } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";
import { cn } from "../lib/cn";

export interface Tab {
  value: string;
  label: string;
  count?: number;
  content: ReactNode;
}

export interface TabsProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  tabs: Tab[];
}

export function Tabs({ label, value, onChange, tabs }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  // Where not all tabs fit, the chosen one is moved into sight; the page itself stays where it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is chosen.
  useEffect(() => {
    const show = () => {
      const chosen = list.current?.querySelector<HTMLElement>("[data-state=active]");
      if (!list.current || !chosen) return;
      list.current.scrollLeft = chosen.offsetLeft - (list.current.clientWidth - chosen.offsetWidth) / 2;
    };
    show();
    // Tabs are as wide as their letters, which may still be on their way.
    void document.fonts?.ready.then(show);
  }, [value]);
  return (
    <Radix.Root value={value} onValueChange={onChange}>
      <Radix.List
        ref={list}
        aria-label={label}
        className="relative flex gap-5 overflow-x-auto border-line border-b"
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className={cn(
              "-mb-px h-9 shrink-0 border-transparent border-b-2 px-0.5 font-medium text-muted text-sm pointer-coarse:h-11",
              "hover:text-text focus-visible:-outline-offset-2 data-[state=active]:border-ink data-[state=active]:text-ink",
            )}
          >
            {tab.label}
            {tab.count !== undefined ? (
              <span className="num ml-1.5 text-faint text-xs">{tab.count}</span>
            ) : null}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="pt-5 outline-none">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}

/** A small choice between two to five things that are all in view. */
export function Segmented<T extends string>(props: {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: ReactNode; name?: string }[];
  className?: string;
}) {
  return (
    <div
      role="radiogroup"
      aria-label={props.label}
      className={cn("inline-flex rounded-sm border border-line bg-sunken p-0.5", props.className)}
    >
      {props.options.map((option) => (
        <label
          key={option.value}
          className={cn(
            "flex h-6 grow cursor-pointer items-center justify-center rounded-xs px-2.5 font-medium text-muted text-xs pointer-coarse:h-9",
            "hover:text-text has-checked:bg-surface has-checked:text-ink has-checked:shadow-card",
            "has-focus-visible:outline-2 has-focus-visible:outline-accent [&_svg]:size-3.5",
          )}
        >
          <input
            type="radio"
            className="sr-only"
            checked={props.value === option.value}
            onChange={() => props.onChange(option.value)}
            aria-label={option.name}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
