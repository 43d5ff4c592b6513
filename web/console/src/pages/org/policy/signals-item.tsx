import { MenuItem } from "@plinth/react";
import { useNavigate } from "@tanstack/react-router";
import { ShieldAlert } from "lucide-react";

/** Leads to what was unusual about a member or service account, by its id. */
export function SignalsItem({ org, principal }: { org: string; principal: string }) {
  const navigate = useNavigate();
  return (
    <MenuItem
      icon={<ShieldAlert aria-hidden />}
      onSelect={() =>
        void navigate({ to: "/orgs/$org/policies", params: { org }, search: { tab: "signals", principal } })
      }
    >
      Signals
    </MenuItem>
  );
}
