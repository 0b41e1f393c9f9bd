import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { PolicyRule } from '../../api/generated/rbac-v1.ts'
import { resources } from '../../api/resources.ts'
import { createClient, type Client } from '../../client/client.ts'
import { createHttpsTransport } from '../../client/https-transport.ts'
import type { ControlPlane } from '../control-plane.ts'
import { openWithAccessControl } from './open-with-access-control.ts'

/** A control plane with access control for a file, and clients of its users over HTTPS. */
export function useAccessControl() {
  let directory: string
  let plane: ControlPlane
  let admin: Client
  let port: number
  let undo: DisposableStack

  async function open(): Promise<void> {
    plane = await openWithAccessControl(directory)
    admin = plane.clientFor('admin')
    ;({ port } = await plane.server.listen('127.0.0.1', 0))
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'access-'))
    undo = new DisposableStack()
    await open()
  })
  afterAll(async () => {
    undo.dispose()
    await plane.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** A client over HTTPS with a certificate for the user. */
  async function login(commonName: string, ...organizations: string[]): Promise<Client> {
    const { certificate, key } = await plane.pki.issueClient({ commonName, organizations })
    return loginWith({ cert: certificate, key })
  }
  function loginWith(credentials: { cert: string; key: string } | { token: () => string }): Client {
    const server = `https://127.0.0.1:${port}`
    const transport = createHttpsTransport({ server, ca: plane.pki.ca.certificate, ...credentials })
    return createClient(undo.use(transport))
  }

  async function grant(user: string, namespace: string, rules: PolicyRule[]): Promise<void> {
    const name = `${user}-role`
    await admin.create(resources.roles, { metadata: { name, namespace }, rules })
    await admin.create(resources.roleBindings, {
      metadata: { name, namespace },
      roleRef: { kind: 'Role', name },
      subjects: [{ kind: 'User', name: user }],
    })
  }

  return {
    get plane() {
      return plane
    },
    get admin() {
      return admin
    },
    get port() {
      return port
    },
    get undo() {
      return undo
    },
    open,
    login,
    loginWith,
    grant,
  }
}
