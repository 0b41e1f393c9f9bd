import type { Readable } from 'node:stream'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { RuntimeCache } from '../pods/runtime-cache.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** What lies at a path of a node's log directory. */
export type NodeLogEntry = { names: string[] } | { log: Readable }

/**
 * The log directory of a node as files and folders, laid out as upstream's `/var/log`: `pods/<namespace>_<pod>_<uid>/<container>/<attempt>.log`.
 * It is made of what the engine has of the node's own pods. No path leads to a file of the machine.
 */
export interface NodeLogs {
  /** `path`: names from the top. Undefined where there is nothing. Names of folders end with a slash. */
  open(path: readonly string[], signal: AbortSignal): Promise<NodeLogEntry | undefined>
}

/** The logs of one node. */
export function createNodeLogs(options: {
  runtime: Pick<Runtime, 'logs'>
  cache: Pick<RuntimeCache, 'get'>
  pods: () => Pod[]
}): NodeLogs {
  const { runtime, cache } = options

  return {
    async open([top, folder, container, file, ...more], signal) {
      if (top === undefined) return { names: ['pods/'] }
      if (top !== 'pods' || more.length > 0) return undefined
      const pods = options.pods()
      if (folder === undefined) return { names: pods.map((pod) => `${folderOf(pod)}/`).toSorted() }
      const pod = pods.find((candidate) => folderOf(candidate) === folder)
      if (!pod) return undefined
      const { containers } = await cache.get(pod.metadata.uid ?? '')
      const started = containers.filter(({ state }) => state !== 'created')
      if (container === undefined) {
        return { names: [...new Set(started.map(({ name }) => `${name}/`))].toSorted() }
      }
      const own = started.filter(({ name }) => name === container)
      if (own.length === 0) return undefined
      if (file === undefined) return { names: own.map(({ attempt }) => `${attempt}.log`).toSorted() }
      const asked = own.find(({ attempt }) => `${attempt}.log` === file)
      return asked && { log: await runtime.logs(asked.id, { follow: false, timestamps: true, signal }) }
    },
  }
}

function folderOf({ metadata }: Pod): string {
  return `${metadata.namespace}_${metadata.name}_${metadata.uid}`
}
