import { onScopeDispose, watch } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import { resources } from '../../core/api/resources.ts'
import { isConditionTrue } from '../../core/api/conditions.ts'
import { useKindsStore } from '../stores/kinds.ts'
import { useLiveLists } from './use-live-lists.ts'

/** A server may be a moment behind its own definitions; asked again so often, with so much time between. */
const tries = 5
const pauseMs = 1_000

interface DefinitionRow {
  group?: string
  kind?: string
  versions?: string[]
  conditions?: { type: string; status: string }[]
}

/** What a definition is about, and whether its kind is to be served. One that is being deleted still is until it is gone. */
interface Definition {
  kind: string
  words: string
  isServed: boolean
}

function definitionOf({ data = {}, deletedAt }: LiveRow): Definition {
  const { group, kind, versions = [], conditions } = data as DefinitionRow
  const isServed = !deletedAt && versions.length > 0 && isConditionTrue(conditions, 'Established')
  const name = `${kind}.${group}`
  return { kind: name, words: [name, ...versions, String(isServed)].join(' '), isServed }
}

/** Asks what a cluster serves now and whenever its definitions change, while the caller's scope lives. */
export function useFollowedKinds(cluster: () => string): void {
  const kinds = useKindsStore()
  const { group, version, resource } = resources.customResourceDefinitions
  const { lists } = useLiveLists(() => [{ cluster: cluster(), group, version, resource }])
  let timer: ReturnType<typeof setTimeout> | undefined

  const definitions = (): Definition[] =>
    lists.value.flatMap((list) =>
      list.version.value < 0 ? [] : [...list.rows.values()].map((row) => definitionOf(row)),
    )

  async function load(left: number): Promise<void> {
    clearTimeout(timer)
    await kinds.load(cluster())
    const views = new Set(
      kinds.of(cluster()).views.map(({ resource: { kind, group } }) => `${kind}.${group}`),
    )
    const isBehind = definitions().some(({ kind, isServed }) => isServed && !views.has(kind))
    if (isBehind && left > 0) timer = setTimeout(() => void load(left - 1), pauseMs)
  }
  void kinds.load(cluster())
  // The first list is what discovery, asked at the same time, has as well.
  watch(
    () => {
      if (!lists.value.every((list) => list.state.value === 'ready')) return undefined
      return definitions()
        .map(({ words }) => words)
        .sort()
        .join('\n')
    },
    (now, before) => {
      if (before !== undefined && now !== undefined) void load(tries)
    },
  )
  onScopeDispose(() => clearTimeout(timer))
}
