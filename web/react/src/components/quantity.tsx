import { formatQuantity, formatUnits } from "../lib/format";

export interface QuantityProps {
  /** Decimal text, as meters and bills give it. */
  value: string;
  /** In the singular: row, byte, hour. */
  unit: string;
}

/** A metered quantity, short; where that rounds, the exact one is in the title. */
export function Quantity({ value, unit }: QuantityProps) {
  const shown = formatQuantity(value, unit);
  const exact = formatUnits(value, unit);
  return <span title={shown === exact ? undefined : exact}>{shown}</span>;
}
