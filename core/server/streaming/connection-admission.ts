import { goQuote } from '../../api/go-text.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { UserInfo } from '../../api/request.ts'
import { badRequest } from '../../api/status.ts'
import type { Registry } from '../../registry/registry.ts'
import { rfc3339, type Clock } from '../../util/clock.ts'
import type { AuditRecord } from '../audit/audit-record.ts'
import { booleanParameter } from '../handlers/query-values.ts'
import type { StreamingRequest } from './streaming-handler.ts'

const kinds: Record<string, string> = {
  exec: 'PodExecOptions',
  attach: 'PodAttachOptions',
  portforward: 'PodPortForwardOptions',
}

/** Who opens a connection. */
export interface Connecting {
  user: UserInfo
  audit: AuditRecord | undefined
}

/** What a connection leads to, with the options of it as an object of their own kind. */
interface Connection {
  resource: string
  namespace: string
  name: string
  subresource: string
  kind: string
  options: Record<string, unknown>
}

/** Asks admission whether a stream to a pod may be opened; throws its refusal, and of options that cannot be read. */
export async function admitStream(
  services: { registry: Registry; clock: Clock },
  { namespace, name, subresource, query }: StreamingRequest,
  who: Connecting,
): Promise<void> {
  const kind = kinds[subresource] ?? ''
  const options = optionsOf(subresource, query)
  await admitConnection(services, { resource: 'pods', namespace, name, subresource, kind, options }, who)
}

/** Asks admission about a connection (upstream: ConnectResource); throws its refusal. */
export async function admitConnection(
  { registry, clock }: { registry: Registry; clock: Clock },
  { resource, namespace, name, subresource, kind, options }: Connection,
  { user, audit }: Connecting,
): Promise<void> {
  await registry.resource('', 'v1', resource)?.admitSubresource(
    { namespace: namespace || undefined, name },
    {
      operation: 'CONNECT',
      subresource,
      kind: { group: '', version: 'v1', kind },
      // Options of a connection are an object without metadata.
      object: { kind, apiVersion: 'v1', ...options } as unknown as KubeObject,
      context: {
        user,
        dryRun: false,
        fieldManager: '',
        now: rfc3339(clock.now()),
        // An upgrade has no headers of its own to carry warnings.
        warn: () => undefined,
        ...(audit && { audit: (key, value) => audit.annotate(key, value) }),
      },
    },
  )
}

/** Read without regard to what a port can be, but for its 16 bits. */
function toPort(text: string): number {
  const port = Number(text)
  const isNumber = /^\d+$/.test(text)
  if (isNumber && port < 2 ** 16) return port
  const why = isNumber ? 'value out of range' : 'invalid syntax'
  throw badRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${goQuote(text)}: ${why}`)
}

function optionsOf(subresource: string, query: URLSearchParams): Record<string, unknown> {
  if (subresource === 'portforward') {
    const ports = query.getAll('ports').flatMap((text) => text.split(',').map(toPort))
    return ports.length > 0 ? { ports } : {}
  }
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].filter((flag) => booleanParameter(query, flag))
  const container = query.get('container')
  const command = query.getAll('command')
  return {
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    ...(container && { container }),
    ...(subresource === 'exec' && command.length > 0 && { command }),
  }
}
