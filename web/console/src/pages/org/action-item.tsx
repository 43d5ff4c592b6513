import type { Resource, ResourceType } from "@plinth/client";
import { MenuItem, sentence, useAuthorize } from "@plinth/react";
import type { ReactNode } from "react";

/**
 * An item of a resource's menu, for what may be done to something of the type at all. Whether it may be done to this one
 * says what was read with it, `_actions`; where that refuses, the item tells why.
 */
export function ActionItem(props: {
  type: ResourceType;
  resource: Resource;
  /** Such as `delete`. */
  action: string;
  icon?: ReactNode;
  danger?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) {
  const { resource, icon, danger } = props;
  const action = `${props.type.plural}:${props.action}`;
  const known = resource._actions?.includes(props.action);
  const { answers } = useAuthorize([{ action, resource: resource.id }], { enabled: known !== true });
  const refused = known === undefined ? answers[0]?.allowed === false : !known;
  const reason = answers[0] ? `${sentence(answers[0].reason)} ` : "";
  return (
    <MenuItem
      danger={danger}
      icon={icon}
      why={refused ? `${reason}Owners and admins can grant ${action}.`.replaceAll("`", "") : undefined}
      onSelect={props.onSelect}
    >
      {props.children}
    </MenuItem>
  );
}
