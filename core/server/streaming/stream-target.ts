import type { Pod } from '../../api/generated/core-v1.ts'
import { badRequest } from '../../api/status.ts'
import { booleanParameter } from '../handlers/query-values.ts'

/**
 * The container a request means: the one asked for, or the only one. Throws 400 when it is not there or not clear (upstream:
 * pkg/registry/core/pod/strategy.go validateContainer); which one is the default is for kubectl to say.
 */
export function chooseContainer(pod: Pod, asked: string | null): string {
  const { name } = pod.metadata
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {}
  const names = [...initContainers, ...containers, ...ephemeralContainers].map((container) => container.name)
  if (asked) {
    if (names.includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  if (containers.length === 1) return containers[0]!.name
  const choices = containers.length === 0 ? '' : `, choose one of: [${names.join(' ')}]`
  throw badRequest(`a container name must be specified for pod ${name}${choices}`)
}

/** Refuses streams to a container that is not there or not clear, and to pods without a node; in this order (upstream: streamLocation). */
export function checkLocation(pod: Pod, subresource: string, query: URLSearchParams): void {
  if (subresource !== 'portforward') chooseContainer(pod, query.get('container'))
  if (!pod.spec?.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
}

/** Refuses pods that do not run (wording: kubectl port-forward). */
export function checkCanForward({ status }: Pod): void {
  const phase = status?.phase
  if (phase !== undefined && phase !== 'Running') {
    throw badRequest(`unable to forward port because pod is not running. Current status=${phase}`)
  }
}

/** What `exec` and `attach` are asked to connect (upstream: PodExecOptions). */
export interface StreamSelection {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
}

/** Reads and checks the query of `exec` and `attach`. A terminal has no stderr of its own. */
export function readStreamSelection(query: URLSearchParams): StreamSelection {
  const tty = booleanParameter(query, 'tty') ?? false
  const selection = {
    stdin: booleanParameter(query, 'stdin') ?? false,
    stdout: booleanParameter(query, 'stdout') ?? false,
    stderr: !tty && (booleanParameter(query, 'stderr') ?? false),
    tty,
  }
  if (!selection.stdin && !selection.stdout && !selection.stderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  }
  return selection
}
