import { describeError, useMe, usePlinth, useProduct, useToast } from "@plinth/react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Mail } from "lucide-react";

/** Shown until the e-mail address is verified. */
export function VerifyBanner() {
  const me = useMe();
  const product = useProduct();
  const plinth = usePlinth();
  const toast = useToast();
  const resend = useMutation({
    mutationFn: () => plinth.resendVerification(),
    onSuccess: () => toast({ tone: "good", title: "The link is on its way" }),
    onError: (error) => toast({ tone: "bad", ...describeError(error) }),
  });
  if (!me.user || me.user.email_verified_at) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b bg-warn-soft/60 px-4 py-2 text-sm sm:px-6 lg:px-8">
      <Mail className="size-4 shrink-0 text-warn" aria-hidden />
      <span className="grow text-text">
        Verify your e-mail: open the link that was sent to <b className="font-medium">{me.user.email}</b>.
      </span>
      {product.dev ? (
        <Link to="/outbox" className="font-medium text-accent hover:underline">
          Open the outbox
        </Link>
      ) : null}
      <button
        type="button"
        disabled={resend.isPending}
        onClick={() => resend.mutate()}
        className="font-medium text-accent hover:underline disabled:opacity-60"
      >
        Send again
      </button>
    </div>
  );
}
