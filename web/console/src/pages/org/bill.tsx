import type { Bill, BillLine, BillSubtotal, BillTier } from "@plinth/client";
import {
  Callout,
  Card,
  cn,
  EmptyState,
  ErrorState,
  formatDate,
  formatDecimal,
  formatMoney,
  formatQuantity,
  formatUnits,
  humanize,
  PageHeader,
  Quantity,
  RelativeTime,
  Select,
  Skeleton,
  Stat,
  StatGroup,
  useBill,
  useCan,
  useOrg,
  useProduct,
} from "@plinth/react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ChevronRight, ReceiptText } from "lucide-react";
import { useState } from "react";
import { useTitle } from "../../shell/root-layout";

const route = getRouteApi("/user/orgs/$org/bill");

export function BillPage() {
  useTitle("Usage and bill");
  const search = route.useSearch();
  const can = useCan();
  const navigate = useNavigate();
  const bill = useBill(search, can("bill:view"));
  if (!can("bill:view")) {
    return (
      <EmptyState title="Your role does not see the bill">
        Ask an owner for the role billing or developer.
      </EmptyState>
    );
  }
  return (
    <>
      <PageHeader
        title="Usage and bill"
        detail="What is charged in this period so far, down to the single usage record."
        actions={
          <Select
            aria-label="Period"
            className="w-52"
            value={search.period ?? currentPeriod()}
            onChange={(period) =>
              void navigate({
                from: "/orgs/$org/bill",
                search: (previous) => ({
                  ...previous,
                  period: period === currentPeriod() ? undefined : period,
                }),
              })
            }
            options={lastPeriods(12)}
          />
        }
      />
      {bill.error && !bill.data ? <ErrorState error={bill.error} retry={() => void bill.refetch()} /> : null}
      {bill.isPending ? <Skeleton className="h-48 w-full" /> : null}
      {bill.data ? <BillView bill={bill.data} /> : null}
    </>
  );
}

function currentPeriod(): string {
  return new Date().toISOString().slice(0, 7);
}

function lastPeriods(count: number): { value: string; label: string }[] {
  const now = new Date();
  return Array.from({ length: count }, (_, back) => {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
    const label = month.toLocaleDateString("en-US", { month: "long", year: "numeric", timeZone: "UTC" });
    return { value: month.toISOString().slice(0, 7), label: back === 0 ? `${label} (now)` : label };
  });
}

function BillView({ bill }: { bill: Bill }) {
  return (
    <div className="flex flex-col gap-5">
      <StatGroup label="Bill">
        <Stat
          label="Total so far"
          value={formatMoney(bill.total, bill.currency)}
          detail={<AsOf at={bill.as_of} />}
        />
        <Stat
          label="Period"
          value={<span className="text-lg">{formatDate(bill.period.from)}</span>}
          detail={`until ${formatDate(bill.period.to)}`}
        />
        <Stat
          label="Plan"
          value={<span className="text-lg capitalize">{bill.plan}</span>}
          detail={`in ${bill.currency}`}
        />
      </StatGroup>
      {bill.unpriced.length > 0 ? (
        <Callout tone="info" title="Used, and not charged">
          The plan has no price for {bill.unpriced.join(", ")}.
        </Callout>
      ) : null}
      {bill.lines.length === 0 ? (
        <EmptyState title="Nothing used in this period" icon={<ReceiptText aria-hidden />}>
          Lines appear as soon as something is metered, one per meter and resource, with the records behind
          each amount.
        </EmptyState>
      ) : (
        <Card flush className="overflow-hidden">
          {bill.subtotals.map((subtotal) => (
            <PriceGroup
              key={subtotal.price}
              bill={bill}
              subtotal={subtotal}
              lines={bill.lines.filter((line) => line.price === subtotal.price)}
            />
          ))}
          <div className="flex items-baseline justify-between bg-sunken/60 px-4 py-3.5">
            <span className="font-semibold text-ink">Total</span>
            <span className="num font-semibold text-ink text-lg">
              {formatMoney(bill.total, bill.currency)}
            </span>
          </div>
        </Card>
      )}
    </div>
  );
}

function AsOf({ at }: { at: string }) {
  return (
    <>
      as of <RelativeTime at={at} />
    </>
  );
}

/** One price of the plan: what was used of it, how that is charged, and by whom. */
function PriceGroup(props: { bill: Bill; subtotal: BillSubtotal; lines: BillLine[] }) {
  const { bill, subtotal, lines } = props;
  const [open, setOpen] = useState(false);
  const panel = `price-${subtotal.price}`;
  return (
    <section aria-label={subtotal.title} className="border-line border-b">
      <header className="flex items-baseline justify-between gap-4 px-4 pt-3.5 pb-1.5">
        <div className="min-w-0">
          <h2 className="font-semibold text-ink text-sm">{subtotal.title}</h2>
          <p className="num mt-0.5 flex flex-wrap gap-x-3 text-faint text-xs">
            <span>
              <Quantity value={subtotal.quantity} unit={subtotal.unit} />
              {isZero(subtotal.included) ? null : (
                <>
                  , <Included subtotal={subtotal} /> included
                </>
              )}
            </span>
            <button
              type="button"
              aria-expanded={open}
              aria-controls={panel}
              onClick={() => setOpen(!open)}
              className="font-medium text-accent hover:underline"
            >
              {open ? "Hide the calculation" : "How it is charged"}
            </button>
          </p>
        </div>
        <span className="num font-semibold text-ink">{formatMoney(subtotal.amount, bill.currency)}</span>
      </header>
      {open ? (
        <div id={panel} className="mx-4 mt-1 mb-2 animate-fade rounded-md border border-line bg-canvas p-3.5">
          <Calculation subtotal={subtotal} currency={bill.currency} />
        </div>
      ) : null}
      <ul className="pb-2">
        {lines.map((line) => (
          <Line
            key={`${line.price} ${line.kind} ${line.resource?.id ?? ""}`}
            line={line}
            bill={bill}
            priceUnit={subtotal.price_unit}
          />
        ))}
      </ul>
    </section>
  );
}

/** "213,520 rows, 100,000 included": the unit is said once, unless a size or a time has another one by then. */
function Included({ subtotal: { included, unit } }: { subtotal: BillSubtotal }) {
  const counted = formatQuantity(included, unit) === formatUnits(included, unit);
  return counted ? formatDecimal(included) : <Quantity value={included} unit={unit} />;
}

function Calculation({ subtotal, currency }: { subtotal: BillSubtotal; currency: string }) {
  return (
    <>
      <p className="num text-muted text-xs">
        {formatUnits(subtotal.quantity, subtotal.unit)} used
        {isZero(subtotal.included)
          ? ""
          : ` − ${formatDecimal(subtotal.included)} included = ${formatDecimal(subtotal.billable)} charged`}
        , priced per {subtotal.price_unit}
        {subtotal.unit_price ? ` at ${formatMoney(subtotal.unit_price, currency, "price")}` : ""}.
      </p>
      <Tiers tiers={subtotal.tiers} unit={subtotal.price_unit} currency={currency} />
    </>
  );
}

function Tiers({ tiers, unit, currency }: { tiers: BillTier[]; unit: string; currency: string }) {
  if (tiers.length === 0) return null;
  return (
    <table className="num mt-2.5 w-full text-xs" aria-label="Tiers">
      <thead>
        <tr className="text-left text-faint">
          <th className="pb-1 font-normal">Tier</th>
          <th className="pb-1 text-right font-normal">Quantity</th>
          <th className="pb-1 text-right font-normal">Per {unit}</th>
          <th className="pb-1 text-right font-normal">Amount</th>
        </tr>
      </thead>
      <tbody className="text-muted">
        {tiers.map((tier) => (
          <tr key={`${tier.from} ${tier.unit_price}`}>
            <td className="py-0.5">
              {formatDecimal(tier.from)} – {tier.to === null ? "∞" : formatDecimal(tier.to)}
            </td>
            <td className="text-right">{formatDecimal(tier.quantity)}</td>
            <td className="text-right">{formatMoney(tier.unit_price, currency, "price")}</td>
            <td className="text-right text-text">{formatMoney(tier.amount, currency, "price")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function isZero(decimal: string): boolean {
  return /^-?0*(\.0*)?$/.test(decimal);
}

interface LineProps {
  line: BillLine;
  bill: Bill;
  /** What the price is for: a million rows, say. */
  priceUnit: string;
}

function Line({ line, bill, priceUnit }: LineProps) {
  const [open, setOpen] = useState(false);
  const name = line.resource ? (line.resource.name ?? line.resource.id) : humanize(line.kind);
  const panel = `line-${line.price}-${line.kind}-${line.resource?.id ?? "org"}`;
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={panel}
        onClick={() => setOpen(!open)}
        className="grid w-full grid-cols-[1rem_minmax(0,1fr)_auto] items-center gap-x-2 px-4 py-1.5 text-left hover:bg-hover focus-visible:-outline-offset-2 sm:grid-cols-[1rem_minmax(0,1fr)_14rem_7rem] pointer-coarse:py-2.5"
      >
        <ChevronRight
          className={cn("size-3.5 text-faint transition-transform", open && "rotate-90")}
          aria-hidden
        />
        <span className="truncate text-text">{name}</span>
        <span className="num truncate text-right text-muted text-xs max-sm:hidden">
          <Quantity value={line.quantity} unit={line.unit} />
        </span>
        <span className="num text-right text-text">{formatMoney(line.amount, bill.currency)}</span>
      </button>
      {open ? <LineDetails id={panel} line={line} bill={bill} priceUnit={priceUnit} /> : null}
    </li>
  );
}

function LineDetails({ id, line, bill, priceUnit }: LineProps & { id: string }) {
  const { slug } = useOrg();
  const type = useProduct().types.find((each) => each.name === line.resource?.type);
  return (
    <div
      id={id}
      className="mx-4 mt-1 mb-3 ml-10 animate-fade rounded-md border border-line bg-canvas p-3.5 text-sm"
    >
      <p className="num text-muted text-xs">
        {formatUnits(line.quantity, line.unit)}: {formatMoney(line.unrounded_amount, bill.currency, "price")}{" "}
        before rounding.
        {line.unit_price ? ` ${formatMoney(line.unit_price, bill.currency, "price")} per ${priceUnit}.` : ""}
      </p>
      <Tiers tiers={line.tiers} unit={priceUnit} currency={bill.currency} />
      <div className="mt-2.5 flex flex-wrap gap-x-5 gap-y-1 text-xs">
        {line.meter ? (
          <Link
            to="/orgs/$org/usage"
            params={{ org: slug }}
            search={{
              meter: line.meter,
              resource: line.resource?.id,
              from: bill.period.from,
              to: bill.period.to,
            }}
            className="font-medium text-accent hover:underline"
          >
            {formatUnits(line.records, "usage record")}
          </Link>
        ) : null}
        {type && line.resource ? (
          <Link
            to="/orgs/$org/$plural/$name"
            params={{ org: slug, plural: type.plural, name: line.resource.id }}
            search={{}}
            className="font-medium text-accent hover:underline"
          >
            Open {line.resource.name ?? line.resource.id}
          </Link>
        ) : null}
      </div>
    </div>
  );
}
