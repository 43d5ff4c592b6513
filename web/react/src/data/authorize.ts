import { type AuthorizeAnswer, type AuthorizeQuestion, isPlinthError, type OrgClient } from "@plinth/client";
import { type UseQueryResult, useQueries, useQuery } from "@tanstack/react-query";
import { useOrg } from "./context";
import { keys } from "./keys";
import { useRested } from "./rested";

/** What the server takes in one call. */
const MOST_QUESTIONS = 100;

export interface Authorized {
  /** In the order of the questions; `undefined` as long as an answer is not known. */
  answers: (AuthorizeAnswer | undefined)[];
  error: unknown;
}

/**
 * May the caller do these? Each answer is cached by itself and made stale by changes of policies, members and service
 * accounts; what a page asks at one time goes to the server in one call. With `principal` it is asked for somebody else.
 */
export function useAuthorize(
  questions: AuthorizeQuestion[],
  options: { principal?: string; enabled?: boolean } = {},
): Authorized {
  const { slug, client } = useOrg();
  const { principal, enabled = true } = options;
  return useQueries({
    queries: questions.map((question) => ({
      queryKey: keys.answer(slug, principal, question),
      queryFn: () => batchOf(client, principal).ask(question),
      staleTime: 60_000,
      enabled,
    })),
    combine: together,
  });
}

function together(results: UseQueryResult<AuthorizeAnswer>[]): Authorized {
  return {
    answers: results.map((result) => result.data),
    error: results.find((result) => result.error)?.error ?? undefined,
  };
}

/**
 * What is said of a draft as it is typed: asked once it rests, and what was known of it before stays until then. `null` is
 * no draft yet.
 */
export function useDraftAnswer(question: AuthorizeQuestion | null): AuthorizeAnswer | undefined {
  const { slug, client } = useOrg();
  const rested = useRested(question);
  const { data } = useQuery({
    queryKey: keys.answer(slug, undefined, rested),
    queryFn: () => batchOf(client, undefined).ask(rested as AuthorizeQuestion),
    staleTime: 60_000,
    // Each pause in typing leaves one.
    gcTime: 60_000,
    enabled: rested !== null,
    placeholderData: (previous) => previous,
  });
  return rested === null ? undefined : data;
}

interface Asked {
  question: AuthorizeQuestion;
  resolve: (answer: AuthorizeAnswer) => void;
  reject: (error: unknown) => void;
}

/** Gathers the questions of one turn of the event loop. */
class Batch {
  private waiting: Asked[] = [];

  constructor(
    private readonly org: OrgClient,
    private readonly principal: string | undefined,
  ) {}

  ask(question: AuthorizeQuestion): Promise<AuthorizeAnswer> {
    if (this.waiting.length === 0) setTimeout(() => this.flush());
    return new Promise((resolve, reject) => this.waiting.push({ question, resolve, reject }));
  }

  private flush(): void {
    const all = this.waiting;
    this.waiting = [];
    for (let from = 0; from < all.length; from += MOST_QUESTIONS)
      void this.send(all.slice(from, from + MOST_QUESTIONS));
  }

  private async send(asked: Asked[]): Promise<void> {
    try {
      const questions = asked.map((each) => each.question);
      const answers = await this.org.authorize(questions, { principal: this.principal });
      for (const [index, { resolve, reject }] of asked.entries()) {
        const answer = answers[index];
        if (answer) resolve(answer);
        else reject(new Error("the server left a question without an answer"));
      }
    } catch (error) {
      this.refuse(asked, error);
    }
  }

  /** A question that cannot be asked does not take the others with it. */
  private refuse(asked: Asked[], error: unknown): void {
    const faulty = new Set(faultsOf(error));
    const sound = asked.filter((_, index) => !faulty.has(index));
    const again = faulty.size > 0 && sound.length < asked.length;
    for (const [index, { reject }] of asked.entries()) if (!again || faulty.has(index)) reject(error);
    if (again && sound.length > 0) void this.send(sound);
  }
}

/** The questions that a refusal is about, by `/questions/3/action`. */
function faultsOf(error: unknown): number[] {
  if (!isPlinthError(error)) return [];
  return error.fieldErrors.flatMap(({ pointer }) => {
    const index = /^\/questions\/(\d+)/.exec(pointer)?.[1];
    return index === undefined ? [] : [Number(index)];
  });
}

const batches = new WeakMap<OrgClient, Map<string | undefined, Batch>>();

function batchOf(org: OrgClient, principal: string | undefined): Batch {
  const known = batches.get(org) ?? new Map<string | undefined, Batch>();
  batches.set(org, known);
  const batch = known.get(principal) ?? new Batch(org, principal);
  known.set(principal, batch);
  return batch;
}
