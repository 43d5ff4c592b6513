import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  sortFns,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { cn } from "../lib/cn";
import { Button } from "./button";
import { ErrorState } from "./error-state";
import { Skeleton } from "./progress";

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns });

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** What the column sorts by when the rows are sorted here; without it the column does not sort. */
  value?: (row: Row) => string | number | null | undefined;
  /** The server sorts by this column (with `sort` of the table). */
  sortable?: boolean;
  align?: "left" | "right";
  /** Left out on screens narrower than this. */
  from?: "sm" | "md" | "lg" | "xl";
  className?: string;
}

export interface Sort {
  id: string;
  desc: boolean;
}

export interface TableProps<Row> {
  /** Names the table for those who do not see it. */
  label: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  rowKey: (row: Row) => string;
  /** Changes of this value light the row up for a moment: a version, a state. */
  rowVersion?: (row: Row) => string | number;
  /** Given: the server sorts. Left out: sortable columns sort here. */
  sort?: Sort;
  onSortChange?: (sort: Sort) => void;
  initialSort?: Sort;
  error?: unknown;
  onRetry?: () => void;
  empty?: ReactNode;
  more?: { hasMore: boolean; loading: boolean; load: () => void };
  onRowClick?: (row: Row) => void;
  selectedKey?: string | undefined;
  bare?: boolean;
}

const FROM = {
  sm: "max-sm:hidden",
  md: "max-md:hidden",
  lg: "max-lg:hidden",
  xl: "max-xl:hidden",
};

/** Rows of things, live: new versions of a row light up where they stand. */
export function Table<Row extends object>(props: TableProps<Row>) {
  const { columns, rows, rowKey, sort, onSortChange } = props;
  const [localSort, setLocalSort] = useState<SortingState>(props.initialSort ? [props.initialSort] : []);
  const manual = sort !== undefined;
  const data = useMemo(() => rows ?? [], [rows]);
  const defs = useMemo(() => columns.map((column) => columnDef(column, manual)), [columns, manual]);
  const table = useTable({
    features,
    columns: defs,
    data,
    getRowId: rowKey,
    manualSorting: manual,
    enableSortingRemoval: false,
    state: { sorting: manual ? [sort] : localSort },
    onSortingChange: (update) => {
      const next = typeof update === "function" ? update(manual ? [sort] : localSort) : update;
      const first = next[0];
      if (manual && first) onSortChange?.(first);
      else setLocalSort(next);
    },
  });
  if (props.error && !rows) return <ErrorState error={props.error} retry={props.onRetry} />;
  if (rows && rows.length === 0 && props.empty) return props.empty;
  const byId = new Map(columns.map((column) => [column.id, column]));
  return (
    <div
      className={cn(
        "min-w-0",
        !props.bare && "overflow-hidden rounded-lg border border-line bg-surface shadow-card",
      )}
    >
      <div className="overflow-x-auto">
        <table className="w-full border-separate border-spacing-0 text-left text-sm" aria-label={props.label}>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => (
                  <HeaderCell
                    key={header.id}
                    column={byId.get(header.column.id) as Column<Row>}
                    sorted={header.column.getIsSorted()}
                    onSort={header.column.getCanSort() ? header.column.getToggleSortingHandler() : undefined}
                  />
                ))}
              </tr>
            ))}
          </thead>
          <tbody>
            {rows === undefined
              ? SKELETON_ROWS.map((key) => <SkeletonRow key={key} columns={columns} />)
              : table
                  .getRowModel()
                  .rows.map((row) => (
                    <BodyRow
                      key={row.id}
                      row={row.original}
                      columns={columns}
                      version={props.rowVersion?.(row.original)}
                      selected={props.selectedKey === row.id}
                      onClick={props.onRowClick}
                    />
                  ))}
          </tbody>
        </table>
      </div>
      {props.more?.hasMore ? (
        <div className="border-line border-t p-2 text-center">
          <Button variant="ghost" size="sm" pending={props.more.loading} onClick={props.more.load}>
            Show more
          </Button>
        </div>
      ) : null}
    </div>
  );
}

const SKELETON_ROWS = ["a", "b", "c", "d"];

function columnDef<Row extends object>(
  column: Column<Row>,
  manual: boolean,
): ColumnDef<typeof features, Row> {
  return {
    id: column.id,
    accessorFn: (row: Row) => column.value?.(row) ?? "",
    enableSorting: manual ? column.sortable === true : column.value !== undefined,
    sortDescFirst: column.align === "right",
  };
}

function HeaderCell<Row>(props: {
  column: Column<Row>;
  sorted: false | "asc" | "desc";
  onSort: ((event: unknown) => void) | undefined;
}) {
  const { column, sorted, onSort } = props;
  const Arrow = sorted === "desc" ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (sorted === "desc" ? "descending" : "ascending") : undefined}
      className={cn(
        cellClass(column),
        "h-9 border-line border-b bg-sunken/60 py-0 font-medium text-muted text-xs",
      )}
    >
      {onSort ? (
        <button
          type="button"
          onClick={onSort}
          className={cn("group relative hover:text-text", sorted && "text-text")}
        >
          {column.header}
          {/* Beside the text and not in its line: the header stands flush with its column. */}
          <Arrow
            className={cn(
              "absolute top-1/2 size-3 -translate-y-1/2",
              column.align === "right" ? "-left-4" : "-right-4",
              sorted ? "opacity-100" : "opacity-0 group-hover:opacity-50",
            )}
            aria-hidden
          />
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

function BodyRow<Row>(props: {
  row: Row;
  columns: Column<Row>[];
  version: string | number | undefined;
  selected: boolean;
  onClick: ((row: Row) => void) | undefined;
}) {
  const flash = useFlash(props.version);
  return (
    <tr
      aria-selected={props.selected || undefined}
      onClick={props.onClick ? () => props.onClick?.(props.row) : undefined}
      className={cn(
        "group/row relative [&:last-child>td]:border-b-0 [&:not(:first-child)]:border-t",
        "hover:bg-hover has-focus-visible:bg-hover",
        props.onClick && "cursor-pointer",
        props.selected && "bg-accent-soft/60",
        flash && "animate-flash",
      )}
    >
      {props.columns.map((column) => (
        <td key={column.id} className={cn(cellClass(column), "h-11 border-line border-b py-1.5")}>
          {column.cell(props.row)}
        </td>
      ))}
    </tr>
  );
}

function SkeletonRow<Row>({ columns }: { columns: Column<Row>[] }) {
  return (
    <tr>
      {columns.map((column, index) => (
        <td key={column.id} className={cn(cellClass(column), "h-11 border-line border-b")}>
          <Skeleton className={index === 0 ? "w-36" : "w-16"} />
        </td>
      ))}
    </tr>
  );
}

function cellClass<Row>(column: Column<Row>): string {
  return cn(
    "px-3 first:pl-4 last:pr-4",
    column.align === "right" && "num text-right",
    column.from && FROM[column.from],
    column.className,
  );
}

/** True for a moment after `version` changed; not on the first sight. */
function useFlash(version: string | number | undefined): boolean {
  const seen = useRef(version);
  const [flash, setFlash] = useState(false);
  useEffect(() => {
    if (seen.current === version) return;
    seen.current = version;
    setFlash(true);
    const timer = setTimeout(() => setFlash(false), 1700);
    return () => clearTimeout(timer);
  }, [version]);
  return flash;
}

/** A link that covers its whole row: put it in the first cell. */
export const rowLinkClass =
  "font-medium text-ink after:absolute after:inset-0 after:content-[''] hover:underline focus-visible:outline-none focus-visible:after:rounded-sm focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent";
