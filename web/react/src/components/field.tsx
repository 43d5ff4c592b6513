import { type ReactNode, useId } from "react";
import { cn } from "../lib/cn";

export interface FieldControl {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
  "aria-required": true | undefined;
}

export interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  optional?: boolean;
  className?: string;
  /** Gets the attributes that tie the control to its label, hint and error. */
  children: (control: FieldControl) => ReactNode;
}

export function Field({ label, hint, error, required, optional, className, children }: FieldProps) {
  const id = useId();
  const hintId = hint ? `${id}-hint` : undefined;
  const errorId = error ? `${id}-error` : undefined;
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="font-medium text-sm text-text">
        {label}
        {optional ? <span className="ml-1.5 font-normal text-faint text-xs">optional</span> : null}
      </label>
      {children({
        id,
        "aria-invalid": error ? true : undefined,
        "aria-describedby": [hintId, errorId].filter(Boolean).join(" ") || undefined,
        "aria-required": required ? true : undefined,
      })}
      {error ? (
        <p id={errorId} className="text-bad text-xs">
          {error}
        </p>
      ) : null}
      {hint ? (
        <p id={hintId} className="text-faint text-xs">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

/** A group of controls under one heading, as a fieldset. */
export function FieldGroup({
  title,
  hint,
  children,
}: {
  title: string;
  hint?: ReactNode;
  children: ReactNode;
}) {
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="mb-3 w-full border-line border-b pb-2 font-semibold text-ink text-sm">
        {title}
      </legend>
      {hint ? <p className="-mt-1 text-muted text-sm">{hint}</p> : null}
      {children}
    </fieldset>
  );
}
