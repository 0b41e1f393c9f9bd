/**
 * The server process of `bench:api`: a control plane without agents in the given directory. Prints one JSON line with
 * how to reach it, and runs until SIGTERM.
 */
import { openControlPlane } from '../../core/cluster/control-plane.ts'
import { ensureBootstrapObjects } from '../../core/cluster/bootstrap-objects.ts'
import { resources } from '../../core/api/resources.ts'
import { systemClock } from '../../core/util/clock.ts'
import { createLogger } from '../../core/util/logger.ts'
import type { ServerAccess } from './http-client.ts'

const host = '127.0.0.1'
const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('usage: api-server.ts DIRECTORY')

const log = createLogger({ level: 'warn', sinks: [{ write: (line) => void process.stderr.write(line) }] })
const plane = await openControlPlane({
  dataDirectory: directory,
  nodeBackends: () => undefined,
  clock: systemClock,
  log,
})
const transport = plane.server.localTransport({ name: 'bench', groups: ['system:masters'] })
await ensureBootstrapObjects(transport)
// What the service account controller would do: pods are refused without it.
await transport.call({
  verb: 'create',
  resource: resources.serviceAccounts,
  namespace: 'default',
  body: { metadata: { name: 'default' } },
})
const { port } = await plane.server.listen(host, 0)
const client = await plane.pki.issueClient({ commonName: 'bench', organizations: ['system:masters'] })
const access: ServerAccess = {
  host,
  port,
  ca: plane.pki.ca.certificate,
  certificate: client.certificate,
  key: client.key,
}
process.stdout.write(`${JSON.stringify(access)}\n`)
process.once('SIGTERM', () => {
  void plane.close().then(() => process.exit(0))
})
