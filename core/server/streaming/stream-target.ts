import type { Pod } from '../../api/generated/core-v1.ts'
import { badRequest } from '../../api/status.ts'

const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container'

/**
 * The container a request means: the one asked for, the only one, or the annotated default. Throws 400 with upstream's
 * messages (kubernetes pkg/registry/core/pod/strategy.go) when it is not there or not clear.
 */
export function chooseContainer(pod: Pod, asked: string | null): string {
  const { name } = pod.metadata
  const containers = pod.spec?.containers?.map((container) => container.name) ?? []
  const initContainers = pod.spec?.initContainers?.map((container) => container.name) ?? []
  const ephemeral = pod.spec?.ephemeralContainers?.map((container) => container.name) ?? []
  if (asked) {
    if ([...containers, ...initContainers, ...ephemeral].includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  if (containers.length === 1) return containers[0]!
  const annotated = pod.metadata.annotations?.[defaultContainerAnnotation]
  if (annotated !== undefined && containers.includes(annotated)) return annotated
  const message = `a container name must be specified for pod ${name}`
  if (containers.length === 0) throw badRequest(message)
  const choices = `, choose one of: [${containers.join(' ')}]`
  const initChoices =
    initContainers.length > 0 ? ` or one of the init containers: [${initContainers.join(' ')}]` : ''
  throw badRequest(message + choices + initChoices)
}

/** Refuses pods without a node and pods that are over (wording: kubectl exec). */
export function checkCanExecute(pod: Pod): void {
  checkHasHost(pod)
  const phase = pod.status?.phase
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`)
  }
}

/** Refuses pods without a node and pods that do not run (wording: kubectl port-forward). */
export function checkCanForward(pod: Pod): void {
  checkHasHost(pod)
  const phase = pod.status?.phase
  if (phase !== undefined && phase !== 'Running') {
    throw badRequest(`unable to forward port because pod is not running. Current status=${phase}`)
  }
}

function checkHasHost(pod: Pod): void {
  if (!pod.spec?.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
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
  const tty = isTrue(query.get('tty'))
  const selection = {
    stdin: isTrue(query.get('stdin')),
    stdout: isTrue(query.get('stdout')),
    stderr: isTrue(query.get('stderr')) && !tty,
    tty,
  }
  if (!selection.stdin && !selection.stdout && !selection.stderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  }
  return selection
}

function isTrue(value: string | null): boolean {
  return value !== null && /^(1|t|T|true|TRUE|True)$/.test(value)
}
