import type { Product } from "@plinth/client";
import {
  Avatar,
  cn,
  initials,
  keys,
  Menu,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuSeparator,
  StatusDot,
  type ThemeChoice,
  Tooltip,
  TypeIcon,
  useCan,
  useLiveState,
  useMe,
  useOrg,
  usePlinth,
  useProduct,
  useTheme,
} from "@plinth/react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import {
  Bot,
  Check,
  ChevronsUpDown,
  House,
  Inbox,
  LogOut,
  Plus,
  ReceiptText,
  ScrollText,
  Settings,
  ShieldCheck,
  UserRound,
  Users,
} from "lucide-react";
import type { ReactNode } from "react";
import { ProductLogo } from "./product-logo";

export function Sidebar({ onNavigate }: { onNavigate?: () => void }) {
  const product = useProduct();
  const can = useCan();
  const { slug } = useOrg();
  const params = { org: slug };
  return (
    <div className="flex h-full flex-col">
      <div className="p-2.5 pb-1.5">
        <OrgSwitcher />
      </div>
      <nav aria-label="Main" className="min-h-0 grow overflow-y-auto px-2.5 py-1.5">
        <ul className="flex flex-col gap-px">
          <NavItem icon={<House aria-hidden />} onNavigate={onNavigate}>
            <Link to="/orgs/$org" params={params} activeOptions={{ exact: true }}>
              Overview
            </Link>
          </NavItem>
          {menuOf(product)
            .filter((item) => can(`${item.plural}:view`))
            .map((item) => (
              <NavItem key={item.plural} icon={<TypeIcon name={item.icon} />} onNavigate={onNavigate}>
                <Link to="/orgs/$org/$plural" params={{ ...params, plural: item.plural }} search={{}}>
                  {item.title}
                </Link>
              </NavItem>
            ))}
        </ul>
        <h2 className="px-2 pt-5 pb-1.5 text-faint text-xs">Organization</h2>
        <ul className="flex flex-col gap-px">
          {can("events:view") ? (
            <NavItem icon={<ScrollText aria-hidden />} onNavigate={onNavigate}>
              <Link to="/orgs/$org/events" params={params} search={{}}>
                Activity
              </Link>
            </NavItem>
          ) : null}
          {can("bill:view") ? (
            <NavItem icon={<ReceiptText aria-hidden />} onNavigate={onNavigate}>
              <Link to="/orgs/$org/bill" params={params} search={{}}>
                Usage and bill
              </Link>
            </NavItem>
          ) : can("usage:view") ? (
            <NavItem icon={<ReceiptText aria-hidden />} onNavigate={onNavigate}>
              <Link to="/orgs/$org/usage" params={params} search={{}}>
                Usage
              </Link>
            </NavItem>
          ) : null}
          {can("members:view") ? (
            <NavItem icon={<Users aria-hidden />} onNavigate={onNavigate}>
              <Link to="/orgs/$org/members" params={params}>
                Members
              </Link>
            </NavItem>
          ) : null}
          {can("service-accounts:view") ? (
            <NavItem icon={<Bot aria-hidden />} onNavigate={onNavigate}>
              <Link to="/orgs/$org/service-accounts" params={params}>
                Service accounts
              </Link>
            </NavItem>
          ) : null}
          {can("policies:view") ? (
            <NavItem icon={<ShieldCheck aria-hidden />} onNavigate={onNavigate}>
              <Link to="/orgs/$org/policies" params={params} search={{}}>
                Access
              </Link>
            </NavItem>
          ) : null}
          {can("org:view") ? (
            <NavItem icon={<Settings aria-hidden />} onNavigate={onNavigate}>
              <Link to="/orgs/$org/settings" params={params}>
                Settings
              </Link>
            </NavItem>
          ) : null}
        </ul>
      </nav>
      <div className="flex flex-col gap-px border-line border-t p-2.5">
        {product.dev ? (
          <ul>
            <NavItem icon={<Inbox aria-hidden />} onNavigate={onNavigate}>
              <Link to="/outbox">Outbox</Link>
            </NavItem>
          </ul>
        ) : null}
        <div className="flex items-center gap-1">
          <UserMenu />
          <LiveIndicator />
        </div>
      </div>
    </div>
  );
}

function NavItem(props: { icon: ReactNode; children: ReactNode; onNavigate?: () => void }) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link inside takes the keyboard, and its click bubbles up here.
    <li
      onClick={props.onNavigate}
      className={cn(
        "relative flex items-center rounded-sm text-muted hover:bg-hover hover:text-text",
        "has-[a[aria-current=page]]:bg-hover has-[a[aria-current=page]]:font-medium has-[a[aria-current=page]]:text-ink",
        "[&_svg]:pointer-events-none [&_svg]:absolute [&_svg]:left-2 [&_svg]:size-4 has-[a[aria-current=page]]:[&_svg]:text-accent",
        "[&>a]:flex [&>a]:h-8 [&>a]:grow [&>a]:items-center [&>a]:truncate [&>a]:pr-2 [&>a]:pl-8 pointer-coarse:[&>a]:h-10",
      )}
    >
      {props.icon}
      {props.children}
    </li>
  );
}

export interface MenuEntry {
  title: string;
  icon: string;
  plural: string;
}

/** The product's menu; a product without one shows all of its types. */
export function menuOf(product: Product): MenuEntry[] {
  const entries = product.menu.flatMap((item) => {
    const { title, icon, type: name } = item as { title?: string; icon?: string; type?: string };
    const type = product.types.find((each) => each.name === name || each.plural === name);
    return type ? [{ title: title ?? type.title_plural, icon: icon ?? type.icon, plural: type.plural }] : [];
  });
  if (entries.length > 0) return entries;
  return product.types.map((type) => ({ title: type.title_plural, icon: type.icon, plural: type.plural }));
}

function OrgSwitcher() {
  const me = useMe();
  const { slug } = useOrg();
  const navigate = useNavigate();
  const current = me.orgs.find((org) => org.slug === slug || org.id === slug);
  return (
    <Menu
      align="start"
      className="w-64"
      trigger={
        <button
          type="button"
          aria-label={`Organization ${current?.name ?? slug}`}
          className="flex h-10 w-full items-center gap-2.5 rounded-sm px-2 text-left hover:bg-hover"
        >
          <ProductLogo className="size-5.5 shrink-0" />
          <span className="min-w-0 grow truncate font-semibold text-ink">{current?.name ?? slug}</span>
          <ChevronsUpDown className="size-3.5 shrink-0 text-faint" aria-hidden />
        </button>
      }
    >
      <MenuLabel>Organizations</MenuLabel>
      {me.orgs.map((org) => (
        <MenuItem
          key={org.id}
          icon={<Avatar text={initials(org.name).slice(0, 1)} className="rounded-sm" />}
          onSelect={() => void navigate({ to: "/orgs/$org", params: { org: org.slug } })}
        >
          <span className="min-w-0 grow truncate">{org.name}</span>
          {org.slug === slug ? <Check aria-label="current" /> : null}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={<Plus aria-hidden />} onSelect={() => void navigate({ to: "/new-org" })}>
        New organization
      </MenuItem>
    </Menu>
  );
}

export function UserMenu() {
  const me = useMe();
  const plinth = usePlinth();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { choice, setChoice } = useTheme();
  const name = me.user?.name || me.user?.email || "Account";
  const logout = async () => {
    await plinth.logout();
    queries.removeQueries({ queryKey: keys.me });
    await navigate({ to: "/login", search: {} });
    queries.clear();
  };
  return (
    <Menu
      align="start"
      className="w-60"
      trigger={
        <button
          type="button"
          aria-label={`Account of ${name}`}
          className="flex h-9 min-w-0 grow items-center gap-2.5 rounded-sm px-2 text-left hover:bg-hover"
        >
          <Avatar text={initials(name)} className="-ml-0.5 size-5.5" />
          <span className="min-w-0 truncate text-text">{name}</span>
        </button>
      }
    >
      <MenuLabel>{me.user?.email}</MenuLabel>
      <MenuItem icon={<UserRound aria-hidden />} onSelect={() => void navigate({ to: "/account" })}>
        Account
      </MenuItem>
      <MenuSeparator />
      <MenuRadioGroup
        label="Theme"
        value={choice}
        onChange={(next) => setChoice(next as ThemeChoice)}
        options={[
          { value: "system", label: "As the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
      />
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void logout()}>
        Log out
      </MenuItem>
    </Menu>
  );
}

const LIVE = {
  live: { tone: "live", text: "Live: changes appear as they happen" },
  connecting: { tone: "busy", text: "Connecting to live updates" },
  reconnecting: { tone: "warn", text: "Live updates are interrupted; reconnecting" },
  closed: {
    tone: "idle",
    text: "No live updates: you may not see events here. The page is read again now and then.",
  },
} as const;

function LiveIndicator() {
  const state = useLiveState();
  const { tone, text } = LIVE[state];
  return (
    <Tooltip text={text}>
      <button
        type="button"
        aria-label={text}
        data-live={state}
        className="flex size-9 shrink-0 items-center justify-center rounded-sm hover:bg-hover"
      >
        <StatusDot tone={tone} className="size-2" />
      </button>
    </Tooltip>
  );
}
