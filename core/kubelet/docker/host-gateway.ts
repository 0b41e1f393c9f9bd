import { isIPv4 } from 'node:net'
import type Docker from 'dockerode'
import { label } from './labels.ts'

const alias = 'host.docker.internal'

/**
 * The address by which containers of this engine reach the machine that the user sits at, as the engine itself tells
 * (`host-gateway`): where the engine runs in a virtual machine (Docker Desktop, Colima) it leads to this machine's
 * loopback. Undefined when the engine does not know one. Costs a short-lived container of the node image.
 */
export async function findHostGateway(
  docker: Docker,
  options: { clusterId: string; image: string },
): Promise<string | undefined> {
  const container = await docker.createContainer({
    Image: options.image,
    Entrypoint: ['cat'],
    Cmd: ['/etc/hosts'],
    Labels: { [label.cluster]: options.clusterId },
    HostConfig: { ExtraHosts: [`${alias}:host-gateway`], CapDrop: ['ALL'] },
  })
  try {
    await container.start()
    await container.wait()
    const output = (await container.logs({ stdout: true, stderr: false, follow: false })).toString()
    return addressOf(output)
  } finally {
    await container.remove({ force: true })
  }
}

function addressOf(hosts: string): string | undefined {
  for (const line of hosts.split('\n')) {
    // The engine's log frames put eight bytes before a chunk's text; what counts is the address before the name.
    const match = /(\d+\.\d+\.\d+\.\d+)\s+(\S+)\s*$/.exec(line)
    if (match?.[2] === alias && isIPv4(match[1]!)) return match[1]
  }
  return undefined
}
