import type { Duplex } from 'node:stream'
import { createWebSocketStream } from 'ws'
import type { Pod } from '../../api/generated/core-v1.ts'
import { badRequest, internalError, isNotFound, serviceUnavailable, StatusError } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { toStatusError } from '../responses/status.ts'
import type { NodeBackend, NodeBackends, PodRef, StreamSession } from './backend.ts'
import { serveSpdyPortForward, portForwardProtocol } from './port-forward/spdy-port-forward.ts'
import {
  portForwardWebSocketProtocols,
  readPorts,
  serveChannelPortForward,
  tunnelProtocol,
} from './port-forward/websocket-port-forward.ts'
import { ProtocolRefused } from './protocol-refused.ts'
import type { RemoteCommandChannels } from './remote-command/channels.ts'
import { runSession } from './remote-command/run-session.ts'
import { remoteCommandSpdyProtocols, spdyChannels } from './remote-command/spdy-channels.ts'
import {
  remoteCommandWebSocketProtocols,
  translatedProtocol,
  webSocketChannels,
} from './remote-command/websocket-channels.ts'
import { acceptSpdy, negotiateSpdyProtocol } from './spdy-upgrade.ts'
import {
  checkCanForward,
  checkLocation,
  chooseContainer,
  readStreamSelection,
  type StreamSelection,
} from './stream-target.ts'
import { answerUpgrade, headerList, isUpgradeTo, rejectUpgrade, type Upgrade } from './upgrade.ts'
import { acceptWebSocket, negotiateWebSocketProtocol } from './websocket-upgrade.ts'

/** What an upgrade request asks for, already authenticated and authorised. */
export interface StreamingRequest {
  namespace: string
  name: string
  /** `exec`, `attach` or `portforward`. */
  subresource: string
  query: URLSearchParams
}

export interface StreamingOptions {
  nodeBackends: NodeBackends
  /** The pod as stored and the node it is bound to; rejects with a 404 StatusError when there is none. */
  resolvePod(namespace: string, name: string): Promise<{ pod: Pod; nodeName: string | undefined }>
  /** Rejects with a 404 StatusError when there is no node of that name. */
  requireNode?(name: string): Promise<void>
  clock: Clock
  log: Logger
}

export interface StreamingHandler {
  /** Serves one upgrade request to its end. Never rejects: failures before the upgrade become HTTP Status answers. */
  handle(request: StreamingRequest, upgrade: Upgrade): Promise<void>
  /** Hangs up on every client. */
  close(): void
}

/** The subresources of pods that are served by upgrade only. */
export const streamingSubresources: readonly string[] = ['exec', 'attach', 'portforward']

/** What a request without `Upgrade` to one of these gets (upstream: UpgradeAwareHandler). */
export function upgradeRequired(): StatusError {
  return badRequest('Upgrade request required')
}

/** The API server's side of exec, attach and port-forward, over WebSocket and SPDY. */
export function createStreamingHandler(options: StreamingOptions): StreamingHandler {
  const sockets = new Set<Duplex>()
  return {
    async handle(request, upgrade) {
      const { socket } = upgrade
      // Whoever serves the stream sees its end; an error must only not end the process.
      socket.on('error', () => undefined)
      socket.once('close', () => sockets.delete(socket))
      sockets.add(socket)
      try {
        await serve(options, request, upgrade)
      } catch (error) {
        reject(options.log, upgrade, error)
      }
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function reject(log: Logger, upgrade: Upgrade, error: unknown): void {
  const { audit } = upgrade
  const headers = error instanceof ProtocolRefused ? error.headers : {}
  const { status } = toStatusError(error, log)
  audit?.responseStatus(status)
  rejectUpgrade(upgrade, status, headers)
}

async function serve(options: StreamingOptions, request: StreamingRequest, upgrade: Upgrade): Promise<void> {
  if (!isUpgradeTo(upgrade.request, 'websocket') && !isUpgradeTo(upgrade.request, 'spdy/3.1')) {
    throw upgradeRequired()
  }
  const { pod, nodeName } = await options.resolvePod(request.namespace, request.name)
  checkLocation(pod, request.subresource, request.query)
  const context: StreamContext = {
    options,
    request,
    upgrade,
    pod,
    backend: () => backendOf(options, nodeName),
  }
  if (request.subresource === 'portforward') await servePortForward(context)
  else await serveRemoteCommand(context)
}

interface StreamContext {
  options: StreamingOptions
  request: StreamingRequest
  upgrade: Upgrade
  pod: Pod
  backend(): Promise<NodeBackend>
}

async function backendOf(options: StreamingOptions, nodeName = ''): Promise<NodeBackend> {
  const backend = options.nodeBackends(nodeName)
  if (backend) return backend
  await options.requireNode?.(nodeName)
  throw serviceUnavailable(`node "${nodeName}" is not running`)
}

function podRef(pod: Pod): PodRef {
  const { namespace = '', name, uid = '' } = pod.metadata
  return { namespace, name, uid }
}

async function serveRemoteCommand(context: StreamContext): Promise<void> {
  const { request, pod, upgrade } = context
  const { query, subresource } = request
  // What follows is a matter of the node's, so it must be there to be asked.
  const backend = await context.backend()
  const container = chooseContainer(pod, query.get('container'))
  const selection = readStreamSelection(query)
  const connect = prepareChannels(upgrade, selection, context.options.clock)
  const start = { container, tty: selection.tty, stdin: selection.stdin }
  const command = query.getAll('command')
  const isExec = subresource === 'exec'
  if (isExec && command.length === 0)
    throw badRequest('you must specify at least one command for the container')
  let session: StreamSession
  try {
    // Started before the upgrade, so that a failure to start can be a plain HTTP answer as from upstream's kubelet.
    session = isExec
      ? await backend.exec(podRef(pod), { ...start, command })
      : await backend.attach(podRef(pod), start)
  } catch (error) {
    return refuseStart(context, connect, error)
  }
  guardSession(session)
  let channels: RemoteCommandChannels
  try {
    channels = await connect()
  } catch (error) {
    session.close()
    throw error
  }
  const action = isExec ? 'error executing command in container' : 'error attaching to container'
  await runSession(session, channels, action)
}

/**
 * Tells a client that nothing was started. Upstream's API server translates between the newest WebSocket protocol and the
 * kubelet's, so there the connection is open already; others get the kubelet's answer itself (upstream: StreamTranslatorHandler
 * and UpgradeAwareHandler).
 */
async function refuseStart(
  { options, upgrade }: StreamContext,
  connect: () => Promise<RemoteCommandChannels>,
  error: unknown,
): Promise<void> {
  const missing = error instanceof StatusError && isNotFound(error) ? error : undefined
  if (headerList(upgrade.request, 'sec-websocket-protocol').includes(translatedProtocol)) {
    const shown = missing ? internalError(`unable to upgrade connection: ${missing.message}`) : error
    const channels = await connect()
    return channels.finish(toStatusError(shown, options.log).status)
  }
  if (!missing) throw error
  const headers = { 'Content-Type': 'text/plain; charset=utf-8' }
  answerUpgrade(upgrade, { code: 500, headers, body: Buffer.from(missing.message) })
}

/** A command may fail while the client is still connecting; its failure is looked at only afterwards. */
function guardSession(session: StreamSession): void {
  void session.exit.catch(() => undefined)
  for (const stream of [session.stdin, session.stdout, session.stderr]) stream.on('error', () => undefined)
}

/** Agrees on a protocol now; what is returned makes the upgrade. */
function prepareChannels(
  upgrade: Upgrade,
  selection: StreamSelection,
  clock: Clock,
): () => Promise<RemoteCommandChannels> {
  if (isUpgradeTo(upgrade.request, 'websocket')) {
    const protocol = negotiateWebSocketProtocol(upgrade, remoteCommandWebSocketProtocols)
    return async () => webSocketChannels(acceptWebSocket(upgrade, protocol), protocol, selection)
  }
  const protocol = negotiateSpdyProtocol(upgrade, remoteCommandSpdyProtocols, 'channel.k8s.io')
  return () => spdyChannels(acceptSpdy(upgrade, protocol), protocol, { selection, clock })
}

async function servePortForward(context: StreamContext): Promise<void> {
  const { options, request, upgrade, pod } = context
  const backend = await context.backend()
  checkCanForward(pod)
  const ref = podRef(pod)
  const target = { pod: ref, dial: (port: number) => backend.portForward(ref, port) }
  if (!isUpgradeTo(upgrade.request, 'websocket')) {
    const protocol = negotiateSpdyProtocol(upgrade, [portForwardProtocol], portForwardProtocol)
    await serveSpdyPortForward(acceptSpdy(upgrade, protocol), target, options.clock)
    return
  }
  const protocol = negotiateWebSocketProtocol(upgrade, portForwardWebSocketProtocols)
  if (protocol === tunnelProtocol) {
    const tunnel = createWebSocketStream(acceptWebSocket(upgrade, protocol))
    await serveSpdyPortForward(tunnel, target, options.clock)
    return
  }
  const ports = readPorts(request.query)
  await serveChannelPortForward(acceptWebSocket(upgrade, protocol), protocol, { target, ports })
}
