import type { ClusterSummary } from '../api/gateway.ts'
import { StatusError } from '../api/status.ts'
import type { Clock } from '../util/clock.ts'
import type { Upstream } from './upstream.ts'

const timeoutMs = 3_000

/** Asks every cluster for its version, all at once, each for at most three seconds. Never rejects. */
export function summarizeClusters(upstreams: Iterable<Upstream>, clock: Clock): Promise<ClusterSummary[]> {
  return Promise.all([...upstreams].map((upstream) => summarize(upstream, clock)))
}

/** A server that answers, if only to refuse, is there. */
function stateOf(error: unknown): ClusterSummary['state'] {
  if (!(error instanceof StatusError) || error.code >= 500) return 'unreachable'
  return error.code === 401 ? 'refused' : 'ready'
}

async function summarize(upstream: Upstream, clock: Clock): Promise<ClusterSummary> {
  const { id, name, server, builtIn } = upstream.cluster
  const abort = new AbortController()
  const timer = clock.after(timeoutMs, () => abort.abort())
  try {
    const version = await upstream.json<{ gitVersion?: string }>({ path: '/version', signal: abort.signal })
    const known = version.gitVersion === undefined ? {} : { version: version.gitVersion }
    return { id, name, server, state: 'ready', builtIn, ...known }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { id, name, server, state: stateOf(error), message, builtIn }
  } finally {
    timer[Symbol.dispose]()
  }
}
