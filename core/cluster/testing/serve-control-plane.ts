import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '../../client/client.ts'
import { createHttpsTransport } from '../../client/https-transport.ts'
import type { ControlPlaneOptions } from '../control-plane-options.ts'
import type { ControlPlane } from '../control-plane.ts'
import { openWithAccessControl } from './open-with-access-control.ts'

/** A control plane that listens, and a client of a user of system:masters over HTTPS. */
export interface ServedControlPlane extends AsyncDisposable {
  readonly plane: ControlPlane
  readonly port: number
  readonly client: Client
  /** A client of another user, who is in no group but system:authenticated. */
  clientOf(user: string): Promise<Client>
  /** A read by the user of system:masters, answered in the form that `accept` asks for. */
  get(path: string, accept?: string): Promise<Answer>
  /** A creation by the same. */
  post(path: string, body: object, accept?: string): Promise<Answer>
}

/** An answer with the warnings that came with it; `body` is its JSON, and throws where it has none. */
export interface Answer {
  readonly code: number
  readonly warnings: string
  readonly text: string
  readonly body: unknown
}

const admin = { commonName: 'anna', organizations: ['system:masters'] }

/** Starts one in a directory of its own. */
export async function serveControlPlane(
  options: Partial<ControlPlaneOptions> = {},
): Promise<ServedControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), 'control-plane-'))
  const plane = await openWithAccessControl(directory, options)
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
  async function ask(path: string, accept: string, body?: object): Promise<Answer> {
    const { certificate: cert, key } = await plane.pki.issueClient(admin)
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method: body ? 'POST' : 'GET',
      headers: { accept, ...(body && { 'content-type': 'application/json' }) },
      ca: plane.pki.ca.certificate,
      cert,
      key,
    }
    const sent = request(options, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => (text += chunk))
      answer.on('end', () =>
        resolve({
          code: answer.statusCode ?? 0,
          warnings: String(answer.headers.warning ?? ''),
          text,
          get body() {
            return JSON.parse(text) as unknown
          },
        }),
      )
    })
    sent.on('error', reject).end(body && JSON.stringify(body))
    return promise
  }
  return {
    plane,
    port,
    client: await connect(admin),
    get: (path, accept = 'application/json') => ask(path, accept),
    post: (path, body, accept = 'application/json') => ask(path, accept, body),
    clientOf: (user) => connect({ commonName: user, organizations: [] }),
    async [Symbol.asyncDispose]() {
      for (const transport of transports) transport[Symbol.dispose]()
      await plane.close()
      rmSync(directory, { recursive: true })
    },
  }
}
