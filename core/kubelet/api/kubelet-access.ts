import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { KubeObject } from '../../api/meta.ts'
import type { Resource } from '../../api/gvk.ts'
import { failure, unauthorized } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../util/clock.ts'
import { nodeSubresources, verbOf, type KubeletRequest } from './kubelet-path.ts'

/** Who somebody is, as reviews carry it. */
interface ReviewedUser {
  username: string
  uid?: string
  groups?: string[]
  extra?: Record<string, string[]>
}

interface TokenReview extends KubeObject {
  spec: { token: string }
  status?: { authenticated?: boolean; user?: ReviewedUser }
}

interface SubjectAccessReview extends KubeObject {
  spec: {
    user: string
    groups: string[]
    resourceAttributes: { verb: string; version: string; resource: string; subresource: string; name: string }
  }
  status?: { allowed: boolean; reason?: string }
}

const tokenReviews: Resource<TokenReview> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  resource: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
}
const accessReviews: Resource<SubjectAccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  resource: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
}

/** How long an answer of the API server stands (upstream: authorization webhook cacheAuthorizedTTL and …UnauthorizedTTL). */
const allowedMs = 300_000
const refusedMs = 30_000
const tokenMs = 120_000
const maxRemembered = 1_000

/** Who may ask what of a kubelet. */
export interface KubeletAccess {
  /** Resolves when the request may be answered; rejects with 401 or 403. */
  admit(request: IncomingMessage, asked: KubeletRequest): Promise<void>
}

/** Access by client certificate or token, both judged by the API server (webhook authentication and authorization). */
export function createKubeletAccess(options: {
  nodeName: string
  client: Client
  clock: Clock
}): KubeletAccess {
  const { nodeName, client, clock } = options
  const remembered = new Map<string, { until: number; answer: Promise<unknown> }>()

  /** Asks once for a while; a failure to ask is not remembered. */
  function once<T>(key: string, ask: () => Promise<T>, keepMs: (answer: T) => number): Promise<T> {
    const known = remembered.get(key)
    if (known && known.until > clock.now()) return known.answer as Promise<T>
    const entry = { until: Infinity, answer: ask() }
    if (remembered.size >= maxRemembered) remembered.clear()
    remembered.set(key, entry)
    entry.answer.then(
      (answer) => (entry.until = clock.now() + keepMs(answer)),
      () => remembered.delete(key),
    )
    return entry.answer
  }

  async function userOf(request: IncomingMessage): Promise<ReviewedUser> {
    const socket = request.socket as TLSSocket
    const subject = socket.authorized ? socket.getPeerCertificate().subject : undefined
    const name = [subject?.CN ?? []].flat()[0]
    if (name) {
      return { username: name, groups: [...[subject?.O ?? []].flat(), 'system:authenticated'] }
    }
    const [, token] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (token === undefined) throw unauthorized()
    const review = await once(
      `token ${token}`,
      () => client.create(tokenReviews, { metadata: { name: '' }, spec: { token } }),
      () => tokenMs,
    )
    const { authenticated, user } = review.status ?? {}
    if (!authenticated || !user) throw unauthorized()
    return user
  }

  async function isAllowed(user: ReviewedUser, verb: string, subresource: string): Promise<boolean> {
    const { username, groups = [] } = user
    const review = await once(
      JSON.stringify(['access', username, groups, verb, subresource]),
      () =>
        client.create(accessReviews, {
          metadata: { name: '' },
          spec: {
            user: username,
            groups,
            resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: nodeName },
          },
        }),
      ({ status }) => (status?.allowed ? allowedMs : refusedMs),
    )
    return review.status?.allowed === true
  }

  return {
    async admit(request, asked) {
      const user = await userOf(request)
      const verb = verbOf(asked)
      const subresources = nodeSubresources(asked)
      for (const subresource of subresources) if (await isAllowed(user, verb, subresource)) return
      const message = `Forbidden (user=${user.username}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])`
      throw failure(403, 'Forbidden', message)
    },
  }
}
