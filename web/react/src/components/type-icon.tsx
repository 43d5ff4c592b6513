import {
  Activity,
  ArrowRightLeft,
  Box,
  Boxes,
  Cable,
  Cloud,
  Cpu,
  Database,
  FileText,
  Gauge,
  Globe,
  HardDrive,
  Key,
  Layers,
  type LucideIcon,
  Network,
  Plug,
  Server,
  Table2,
  Waypoints,
  Workflow,
  Zap,
} from "lucide-react";

/** Icons that a product may name in its types and menu; an unknown name shows a box. */
const ICONS: Record<string, LucideIcon> = {
  activity: Activity,
  "arrow-right-left": ArrowRightLeft,
  box: Box,
  boxes: Boxes,
  cable: Cable,
  cloud: Cloud,
  connection: Plug,
  cpu: Cpu,
  database: Database,
  file: FileText,
  gauge: Gauge,
  globe: Globe,
  "hard-drive": HardDrive,
  key: Key,
  layers: Layers,
  network: Network,
  pipeline: Workflow,
  plug: Plug,
  server: Server,
  table: Table2,
  waypoints: Waypoints,
  workflow: Workflow,
  zap: Zap,
};

export function TypeIcon({ name, className }: { name: string | null | undefined; className?: string }) {
  const Icon = ICONS[name ?? ""] ?? Box;
  return <Icon className={className} aria-hidden />;
}
