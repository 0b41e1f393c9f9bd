import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '../../client/client.ts'
import { createHttpsTransport } from '../../client/https-transport.ts'
import { systemClock } from '../../util/clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { ensureBootstrapObjects } from '../bootstrap-objects.ts'
import { openControlPlane, type ControlPlane, type ControlPlaneOptions } from '../control-plane.ts'

/** A control plane that listens, and a client of a user of system:masters over HTTPS. */
export interface ServedControlPlane extends AsyncDisposable {
  readonly plane: ControlPlane
  readonly port: number
  readonly client: Client
  /** A client of another user, who is in no group but system:authenticated. */
  clientOf(user: string): Promise<Client>
  /** A creation by the user of system:masters, with the warnings that came with the answer. */
  post(path: string, body: object): Promise<{ code: number; warnings: string }>
}

const admin = { commonName: 'anna', organizations: ['system:masters'] }

/** Starts one in a directory of its own. */
export async function serveControlPlane(
  options: Partial<ControlPlaneOptions> = {},
): Promise<ServedControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), 'control-plane-'))
  const plane = await openControlPlane({
    dataDirectory: directory,
    nodeBackends: () => undefined,
    clock: systemClock,
    log: silentLogger,
    ...options,
  })
  await ensureBootstrapObjects(plane.clientFor('admin').transport)
  await plane.startAccessControl()
  const { port } = await plane.server.listen('127.0.0.1', 0)
  const transports: Disposable[] = []
  async function connect(subject: typeof admin): Promise<Client> {
    const { certificate, key } = await plane.pki.issueClient(subject)
    const transport = createHttpsTransport({
      server: `https://127.0.0.1:${port}`,
      ca: plane.pki.ca.certificate,
      cert: certificate,
      key,
    })
    transports.push(transport)
    return createClient(transport)
  }
  return {
    plane,
    port,
    client: await connect(admin),
    async post(path, body) {
      const { certificate: cert, key } = await plane.pki.issueClient(admin)
      const { promise, resolve, reject } = Promise.withResolvers<{ code: number; warnings: string }>()
      const options = {
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        ca: plane.pki.ca.certificate,
        cert,
        key,
      }
      const sent = request({ ...options, headers: { 'content-type': 'application/json' } }, (answer) => {
        answer.resume()
        const { warning } = answer.headers
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, warnings: String(warning ?? '') }))
      })
      sent.on('error', reject).end(JSON.stringify(body))
      return promise
    },
    clientOf: (user) => connect({ commonName: user, organizations: [] }),
    async [Symbol.asyncDispose]() {
      for (const transport of transports) transport[Symbol.dispose]()
      await plane.close()
      rmSync(directory, { recursive: true })
    },
  }
}
