import { setImmediate as nextTurn } from 'node:timers/promises'
import type { GroupVersionResource } from '../api/gvk.ts'
import type { LiveTarget } from '../api/live.ts'
import type { KubeList, KubeObject } from '../api/meta.ts'
import type { Transport, WatchCall } from '../client/transport.ts'
import type { TableAnswer } from '../gateway/live/table.ts'
import { selectorsOf, type TableSource } from '../gateway/live/table-source.ts'
import type { Column } from '../registry/kind.ts'
import type { Registry } from '../registry/registry.ts'
import { columnDefinitions } from '../server/responses/table.ts'
import type { Clock } from '../util/clock.ts'

/**
 * The lists of the server in this process as the page follows them: the store's own objects with the cells of their kind's columns, as the
 * server's Tables have them. Undefined for a resource that the registry does not serve.
 */
export function createLocalTables(options: {
  registry: Registry
  transport: Transport
  clock: Clock
}): (resource: GroupVersionResource) => TableSource | undefined {
  const { registry, transport, clock } = options
  return ({ group, version, resource }) => {
    const found = registry.resource(group, version, resource)
    return found && createSource(found.definition.columns, transport, clock)
  }
}

function createSource(
  columns: readonly Column<KubeObject>[],
  transport: Transport,
  clock: Clock,
): TableSource {
  function rowOf(object: KubeObject): { cells: unknown[]; object: KubeObject } {
    const now = clock.now()
    return { cells: columns.map((column) => column.value(object, now)), object }
  }
  const defined = columnDefinitions(columns)
  return {
    async list(target, query, signal) {
      const call = { verb: 'list', ...callOf(target, query), signal } as const
      const { metadata, items } = (await transport.call(call)) as KubeList
      const table: TableAnswer = {
        kind: 'Table',
        metadata,
        columnDefinitions: defined,
        rows: items.map(rowOf),
      }
      // A long list is many pages one after another: what else waits gets its turn in between.
      await nextTurn()
      return table
    },
    watch(target, query, { signal, onOpen, onEvents }) {
      onOpen()
      return transport.watch({ ...callOf(target, query), signal }, (events) =>
        onEvents(
          events.map(({ type, object }) => ({
            type,
            object: {
              kind: 'Table',
              metadata: { resourceVersion: object.metadata.resourceVersion ?? '' },
              rows: type === 'BOOKMARK' ? [] : [rowOf(object)],
            },
          })),
        ),
      )
    },
  }
}

function callOf(target: LiveTarget, query: Record<string, string>): Omit<WatchCall, 'signal'> {
  const { group, version, resource, namespace } = target
  return {
    resource: { group, version, resource },
    ...(namespace !== undefined && { namespace }),
    query: { ...query, ...selectorsOf(target) },
  }
}
