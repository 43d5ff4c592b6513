import { Strata, useProduct } from "@plinth/react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ProductLogo } from "./product-logo";

/** The frame of the pages outside of any organization: the task on the left, what is sold here on the right. */
export function AuthLayout(props: {
  title: string;
  detail?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
}) {
  const product = useProduct();
  return (
    <div className="grid min-h-dvh grid-cols-1 lg:grid-cols-[minmax(26rem,1fr)_minmax(0,1.15fr)]">
      <main id="main" tabIndex={-1} className="flex min-w-0 flex-col px-6 py-6 outline-none sm:px-10">
        <Link
          to="/login"
          className="inline-flex items-center gap-2.5 self-start font-semibold text-base text-ink"
        >
          <ProductLogo className="size-6" />
          {product.title}
        </Link>
        <div className="mx-auto flex w-full max-w-88 grow flex-col justify-center py-10">
          <h1 className="font-semibold text-2xl text-ink tracking-[-0.025em]">{props.title}</h1>
          {props.detail ? <div className="mt-2 text-base text-muted">{props.detail}</div> : null}
          <div className="mt-7">{props.children}</div>
          {props.footer ? <div className="mt-6 text-muted text-sm">{props.footer}</div> : null}
        </div>
        {product.dev ? (
          <p className="text-faint text-xs">
            This is a development server: mail is not sent, it lands in the{" "}
            <Link to="/outbox" className="font-medium text-accent hover:underline">
              outbox
            </Link>
            .
          </p>
        ) : null}
      </main>
      <aside className="relative hidden overflow-hidden border-line border-l bg-sunken lg:block" aria-hidden>
        <Strata className="absolute inset-x-0 bottom-0 h-[46%] w-full text-accent" />
        <div className="relative flex h-full flex-col justify-center px-[12%] pb-[34vh]">
          <p className="max-w-md font-medium text-3xl text-ink leading-[1.12] tracking-[-0.03em]">
            {product.title}
          </p>
          <p className="mt-4 max-w-md text-lg text-muted">{product.description}</p>
        </div>
      </aside>
    </div>
  );
}

export const linkClass = "font-medium text-accent hover:underline";
