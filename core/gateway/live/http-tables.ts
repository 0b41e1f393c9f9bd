import { apiRoot } from '../../api/gvk.ts'
import type { LiveTarget } from '../../api/live.ts'
import { StatusError, type Status } from '../../api/status.ts'
import type { Upstream } from '../upstream.ts'
import { jsonLines } from './json-lines.ts'
import { tableAccept, type TableAnswer } from './table.ts'
import { selectorsOf, type TableEvent, type TableSource } from './table-source.ts'

/** The lists of a server that is reached over HTTPS. */
export function createHttpTables(upstream: Upstream): TableSource {
  const headers = { accept: tableAccept }
  return {
    list: (target, query, signal) =>
      upstream.json<TableAnswer>({ path: listPath(target, query), headers, signal }),
    async watch(target, query, { signal, onOpen, onEvents }) {
      const path = listPath(target, { ...query, watch: 'true' })
      const response = await upstream.open({ path, headers, signal })
      onOpen()
      for await (const line of jsonLines(response)) {
        if (signal.aborted) return
        const event = JSON.parse(line) as TableEvent | { type: 'ERROR'; object: Status }
        if (event.type === 'ERROR') throw new StatusError(event.object)
        onEvents([event])
      }
    },
  }
}

function listPath(target: LiveTarget, query: Record<string, string>): string {
  const scope = target.namespace ? `/namespaces/${encodeURIComponent(target.namespace)}` : ''
  const parameters = new URLSearchParams({ ...query, ...selectorsOf(target), includeObject: 'Object' })
  return `${apiRoot(target)}${scope}/${target.resource}?${parameters.toString()}`
}
