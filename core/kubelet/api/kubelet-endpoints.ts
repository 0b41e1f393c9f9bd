import { pipeline } from 'node:stream/promises'
import type { ServerResponse } from 'node:http'
import type { Pod } from '../../api/generated/core-v1.ts'
import { badRequest, failure, notFound, pathNotFound } from '../../api/status.ts'
import type { HealthReporter } from '../../util/health/health-report.ts'
import type { KubeletStats } from '../stats/kubelet-stats.ts'
import type { KubeletBackend } from '../streams/backend.ts'
import type { NodeLogs } from '../logs/node-logs.ts'
import type { KubeletRequest } from './kubelet-path.ts'
import type { KubeletHandler } from './kubelet-server.ts'
import { serveNodeLogs } from './serve-node-logs.ts'

export interface KubeletEndpointsOptions {
  stats: KubeletStats
  backend: KubeletBackend
  /** `/logs/`. */
  nodeLogs: NodeLogs
  /** The pods bound to this node, with their statuses. */
  pods: () => Pod[]
  health: HealthReporter
  /** `/metrics` and `/metrics/slis`. */
  metrics: () => Promise<string>
  slis: () => Promise<string>
  /** `/metrics/probes`. */
  probeMetrics: () => string
  /** What `/configz` tells. */
  configuration: object
}

const textType = 'text/plain; charset=utf-8'
const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Answers everything but streams (upstream: pkg/kubelet/server InstallDefaultHandlers). */
export function createKubeletEndpoints(options: KubeletEndpointsOptions): KubeletHandler {
  const { stats, backend, pods } = options
  const plain: Record<string, (request: KubeletRequest, response: ServerResponse) => Promise<void>> = {
    '/pods': async (_request, response) => sendJson(response, podList(pods())),
    '/runningpods': async (_request, response) => {
      const { pods: running } = await stats.usage()
      const known = new Set(running.map(({ pod }) => pod.uid))
      sendJson(response, podList(pods().filter(({ metadata }) => known.has(metadata.uid ?? ''))))
    },
    '/stats/summary': async ({ query }, response) =>
      sendJson(response, await stats.summary(query.get('only_cpu_and_memory') === 'true')),
    '/metrics': async (_request, response) => send(response, metricsType, await options.metrics()),
    '/metrics/slis': async (_request, response) => send(response, metricsType, await options.slis()),
    '/metrics/resource': async (_request, response) =>
      send(response, metricsType, await stats.resourceMetrics()),
    '/metrics/cadvisor': async (_request, response) =>
      send(response, metricsType, await stats.cadvisorMetrics()),
    '/metrics/probes': async (_request, response) => send(response, metricsType, options.probeMetrics()),
    '/configz': async (_request, response) => sendJson(response, { kubeletconfig: options.configuration }),
  }

  async function containerLogs({ parts, query }: KubeletRequest, response: ServerResponse): Promise<void> {
    const [, namespace = '', name = '', container = ''] = parts
    if (container === '') throw badRequest('a namespace, a pod and a container must be named')
    const pod = pods().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name)
    if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
    const ending = new AbortController()
    response.once('close', () => ending.abort())
    const number = (key: string): number | undefined => {
      const text = query.get(key)
      return text === null || !/^\d+$/.test(text) ? undefined : Number(text)
    }
    const limits = {
      tailLines: number('tailLines'),
      sinceSeconds: number('sinceSeconds'),
      limitBytes: number('limitBytes'),
    }
    const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
    const log = await backend.logs(
      { namespace, name, uid: pod.metadata.uid ?? '' },
      {
        container,
        follow: query.get('follow') === 'true',
        previous: query.get('previous') === 'true',
        timestamps: query.get('timestamps') === 'true',
        ...(query.get('sinceTime') === null ? {} : { sinceTime: query.get('sinceTime')! }),
        ...given,
        signal: ending.signal,
      },
    )
    response.writeHead(200, { 'content-type': 'text/plain' })
    await pipeline(log, response).catch(() => undefined)
  }

  async function health({ parts, query }: KubeletRequest, response: ServerResponse): Promise<void> {
    const answer = await options.health({ parts, query })
    if (!answer) throw pathNotFound()
    response
      .writeHead(answer.code, { 'content-type': textType, 'x-content-type-options': 'nosniff' })
      .end(answer.body)
  }

  return async (request, response) => {
    if (request.parts[0] === 'healthz') return health(request, response)
    if (request.parts[0] === 'containerLogs') return containerLogs(request, response)
    if (request.parts[0] === 'logs') {
      if (request.method !== 'GET') throw failure(405, 'MethodNotAllowed', '405: Method Not Allowed')
      return serveNodeLogs(options.nodeLogs, request, response)
    }
    const found = plain[request.path.replace(/(.)\/$/, '$1')]
    if (!found) throw pathNotFound()
    if (request.method !== 'GET') throw failure(405, 'MethodNotAllowed', '405: Method Not Allowed')
    await found(request, response)
  }
}

function podList(items: Pod[]): object {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items }
}

function send(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, { 'content-type': contentType }).end(body)
}

function sendJson(response: ServerResponse, data: object): void {
  send(response, 'application/json', JSON.stringify(data))
}
