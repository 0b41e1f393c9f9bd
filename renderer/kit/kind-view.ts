import type { Component, VNodeChild } from 'vue'
import type { Event } from '../../core/api/generated/core-v1.ts'
import type { Resource } from '../../core/api/gvk.ts'
import { groupResource } from '../../core/api/gvk.ts'
import type { LiveRow } from '../../core/api/live.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import type { MessageKey, Translate } from '../i18n/text.ts'
import type { ClusterUsage } from '../stores/usage.ts'
import type { KindAction } from './action.ts'
import type { Tone } from './tone.ts'

/** The groups of the sidebar, in their order. `other` is split by API group. */
export const sidebarSections = [
  'cluster',
  'workloads',
  'config',
  'network',
  'storage',
  'access',
  'other',
] as const
export type SidebarSection = (typeof sidebarSections)[number]

/** A kind the server serves, as discovery tells it. */
export interface ServedResource extends Resource<KubeObject> {
  verbs: string[]
  subresources: string[]
  shortNames: string[]
}

/** What a table cell may look at. */
export interface CellInput {
  row: LiveRow
  /** A server-side column of the row by name, e.g. `Ready`. */
  cell(column: string): unknown
  /** What pods and nodes use now, where a list is sorted by it. */
  usage?: ClusterUsage
  t: Translate
}

/** One column of a list. */
export interface KindColumn {
  id: string
  /** Message key, or the server's own column name. */
  title: MessageKey | { text: string }
  /** Width in pixels; with `grow` the smallest one. */
  width: number
  /** Share of the space left over. */
  grow?: number
  align?: 'right'
  /** Not shown until the user asks for it. */
  hidden?: boolean
  /** The order by this column changes with what is measured, not only with the rows. */
  followsUsage?: boolean
  /** What the column is sorted by. */
  sortKey(input: CellInput): string | number
  render(input: CellInput): VNodeChild
}

/** A part of the detail view's overview; `component` takes the full object as `object`. */
export interface DetailSection<T = KubeObject> {
  id: string
  title: MessageKey
  component: Component
  when?(object: T): boolean
}

/** Something wrong with an object, in words. */
export interface Finding {
  tone: 'bad' | 'warn' | 'progress'
  /** What is wrong and, where known, what to do. */
  text: MessageKey
  params?: Record<string, string | number>
  /** The server's or runtime's own words. */
  detail?: string
  /** Container it is about, for a link to its log. */
  container?: string
  /** The pod it is about, when the object itself is a workload. */
  pod?: string
  /** Whether the log of the previous run tells more. */
  previousLog?: boolean
}

export interface StatusSummary {
  text: string
  tone: Tone
}

/** Everything the page knows about one kind. One file per kind in kinds/; unknown kinds get the generic view. */
export interface KindView<T extends KubeObject = KubeObject> {
  /** `pods`, `deployments.apps`: the address of the kind in the page's URLs. */
  id: string
  resource: Resource<T>
  section: SidebarSection
  /** Place within the section. */
  order: number
  icon: Component
  /** Plural name; absent: the kind as upstream spells it. */
  title?: MessageKey
  /** Absent: the server's own columns. */
  columns?: KindColumn[]
  /** What the list is sorted by at first; default name. Prefixed with `-` for descending. */
  defaultSort?: string
  /** A filter worth a button of its own: the word it puts into the filter box. */
  quickFilter?: { word: string; title: MessageKey; icon: Component }
  /** A short status for the header of the detail view. */
  summary?(object: T): StatusSummary | undefined
  sections: DetailSection<T>[]
  /** Actions beyond those every kind has. */
  actions: KindAction[]
  diagnose?(object: T, events: Event[]): Finding[]
  /** How to see the logs of it: itself a pod, or a selector of pods. */
  logs?: 'pod' | 'selector'
  /** Hint of the empty list: what this kind is for. */
  emptyHint?: MessageKey
  shortNames?: string[]
}

/** Types a descriptor by the object its kind has, and fills in its id. */
export function defineKindView<T extends KubeObject>(
  view: Omit<KindView<T>, 'id' | 'sections' | 'actions'> & Partial<Pick<KindView<T>, 'sections' | 'actions'>>,
): KindView {
  return { sections: [], actions: [], ...view, id: groupResource(view.resource) } as unknown as KindView
}
