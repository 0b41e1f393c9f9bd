import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Explanation } from '../api/scheduling.ts'
import { failure, notFound, pageNotFound } from '../api/status.ts'
import type { Clock } from '../util/clock.ts'
import { readJsonObject, sendJson } from './answers.ts'
import { summarizeClusters } from './cluster-summaries.ts'
import type { PortForwards } from './port-forward/port-forwards.ts'
import type { Preferences } from './preferences.ts'
import type { Upstream } from './upstream.ts'

/** Serves `/api/*` (core/api/gateway.ts). Throws StatusErrors. */
export type GatewayApi = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>

/** Creates the handler of the gateway's own paths. */
export function createGatewayApi(options: {
  upstreams: ReadonlyMap<string, Upstream>
  forwards: PortForwards
  preferences: Preferences
  clock: Clock
}): GatewayApi {
  const { upstreams, forwards, preferences, clock } = options

  async function servePortForwards(
    request: IncomingMessage,
    response: ServerResponse,
    target: { cluster: string; id: string | undefined },
  ): Promise<void> {
    const upstream = findUpstream(upstreams, target.cluster)
    const { method } = request
    if (target.id !== undefined) {
      if (method !== 'DELETE') throw methodNotAllowed(method)
      await forwards.remove(target.cluster, target.id)
      response.writeHead(204).end()
    } else if (method === 'GET') {
      sendJson(response, forwards.list(target.cluster))
    } else if (method === 'POST') {
      sendJson(response, await forwards.create(upstream, await readJsonObject(request)), 201)
    } else {
      throw methodNotAllowed(method)
    }
  }

  async function servePreferences(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      sendJson(response, await preferences.read())
    } else if (request.method === 'PUT') {
      const value = await readJsonObject(request)
      await preferences.write(value)
      sendJson(response, value)
    } else {
      throw methodNotAllowed(request.method)
    }
  }

  function explain(cluster: string, podKey: string): Explanation {
    const explanation = findUpstream(upstreams, cluster).cluster.explainScheduling?.(podKey)
    if (!explanation) throw notFound({ group: '', resource: 'scheduling' }, podKey)
    return explanation
  }

  return async (request, response, path) => {
    if (path === '/api/clusters') {
      if (request.method !== 'GET') throw methodNotAllowed(request.method)
      sendJson(response, await summarizeClusters(upstreams.values(), clock))
      return
    }
    if (path === '/api/preferences') {
      await servePreferences(request, response)
      return
    }
    const scheduling = /^\/api\/clusters\/([^/]+)\/scheduling\/([^/]+)\/([^/]+)$/.exec(path)
    if (scheduling) {
      if (request.method !== 'GET') throw methodNotAllowed(request.method)
      const [cluster, namespace, pod] = scheduling.slice(1).map(decodePart)
      sendJson(response, explain(cluster!, `${namespace}/${pod}`))
      return
    }
    const match = /^\/api\/clusters\/([^/]+)\/port-forwards(?:\/([^/]+))?$/.exec(path)
    if (!match) throw pageNotFound()
    await servePortForwards(request, response, { cluster: decodePart(match[1]!), id: match[2] })
  }
}

/** Throws 404 for a cluster the gateway does not know. */
export function findUpstream(upstreams: ReadonlyMap<string, Upstream>, id: string): Upstream {
  const upstream = upstreams.get(id)
  if (!upstream) throw notFound({ group: '', resource: 'clusters' }, id)
  return upstream
}

/** A decoded path segment. Throws 404 for one that cannot be decoded. */
export function decodePart(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw pageNotFound()
  }
}

function methodNotAllowed(method: string | undefined): Error {
  return failure(405, 'MethodNotAllowed', `${method ?? ''} is not allowed here`)
}
