export { PlinthMark, Strata } from "./components/brand";
export { Button, type ButtonProps, buttonClass, IconButton } from "./components/button";
export { Callout } from "./components/callout";
export { Can, type CanProps, Reason, Why } from "./components/can";
export { Checkbox, Switch } from "./components/checkbox";
export { CodeBlock, CopyButton, CopyOnce, CopyText, useCopy } from "./components/code";
export { Combobox, type ComboboxProps } from "./components/combobox";
export { ConfirmDialog, Dialog, Sheet } from "./components/dialog";
export { CanSend, DraftCallout, type DraftVerdict, isRefused } from "./components/draft";
export { EmptyState } from "./components/empty-state";
export { describeError, ErrorBoundary, ErrorState } from "./components/error-state";
export { Field, type FieldControl, FieldGroup } from "./components/field";
export { InlineCode } from "./components/inline-code";
export { Input, Textarea } from "./components/input";
export { DiffView, JsonView } from "./components/json";
export { Avatar, Card, Details, PageHeader, Stat, StatGroup } from "./components/layout";
export { Menu, MenuItem, MenuLabel, MenuRadioGroup, MenuSeparator } from "./components/menu";
export { Popover } from "./components/popover";
export { Progress, Skeleton } from "./components/progress";
export { Quantity } from "./components/quantity";
export { Select, type SelectOption } from "./components/select";
export { StatusBadge, StatusDot, Tag, type Tone, toneOf } from "./components/status";
export { type Column, rowLinkClass, type Sort, Table } from "./components/table";
export { Segmented, type Tab, Tabs } from "./components/tabs";
export { TagsInput, type TagsInputProps } from "./components/tags-input";
export { RelativeTime } from "./components/time";
export { Timeline, type TimelineItem } from "./components/timeline";
export { ToastProvider, useToast } from "./components/toast";
export type { ToastInput } from "./components/toast-stack";
export { Tooltip } from "./components/tooltip";
export { TypeIcon } from "./components/type-icon";
export {
  meOptions,
  permissionsOptions,
  productOptions,
  useCan,
  useMe,
  useProduct,
  useResourceType,
} from "./data/account";
export { type Authorized, useAuthorize, useDraftAnswer } from "./data/authorize";
export { OrgProvider, PlinthProvider, useOrg, usePlinth } from "./data/context";
export { keys } from "./data/keys";
export { LiveProvider, useLiveEvent, useLiveState } from "./data/live-provider";
export {
  usePolicies,
  usePolicy,
  usePolicyCheck,
  usePolicyMutations,
  usePolicyVersions,
  useRefusals,
  useRoles,
} from "./data/policies";
export {
  useBill,
  useEvents,
  useInvitations,
  useMembers,
  useMetric,
  useServiceAccounts,
  useSqlLogins,
  useTokens,
  useUsage,
} from "./data/queries";
export { putResource, useResource, useResourceMutations, useResources } from "./data/resources";
export { useSignals } from "./data/signals";
export { type ActionKind, actionGroups, actionKinds, RESOURCE_ACTIONS } from "./lib/actions";
export { cn } from "./lib/cn";
export { type Change, changesBetween } from "./lib/diff";
export * from "./lib/format";
export { at, isObject, mergePatch, pointerSegments } from "./lib/json";
export { useNow } from "./lib/now";
export { isMet, requirementText, unmetOf, valuesText } from "./lib/requirements";
export { applyTheme, type ThemeChoice, useTheme } from "./theme";
