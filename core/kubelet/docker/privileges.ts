import type Docker from 'dockerode'
import type { Logger } from '../../util/logger.ts'
import type { EngineCall } from './engine-call.ts'
import { label } from './labels.ts'
import type { Owner } from './labels.ts'

/** How far a privileged container can really go on this engine. */
export interface Privileges {
  /** False where the engine's host withholds rights that a privileged container takes for granted. */
  full: boolean
}

/** What a privileged container gets where full privilege is withheld: every capability such a host usually leaves. */
export const reducedCapabilities = [
  'AUDIT_CONTROL',
  'AUDIT_READ',
  'AUDIT_WRITE',
  'BLOCK_SUSPEND',
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'IPC_LOCK',
  'IPC_OWNER',
  'KILL',
  'LEASE',
  'LINUX_IMMUTABLE',
  'MKNOD',
  'NET_ADMIN',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_ADMIN',
  'SYS_CHROOT',
  'SYS_NICE',
  'SYS_PTRACE',
  'SYS_TTY_CONFIG',
]

interface PrivilegesOptions {
  docker: Docker
  call: EngineCall
  owner: Owner
  image: () => Promise<string>
  log: Logger
}

/**
 * Finds out by one throw-away container, at the first privileged container and never again, whether the engine may give
 * full privilege: a nested or restricted engine lacks CAP_SYS_RESOURCE, and then `--privileged` fails altogether.
 */
export function createPrivilegeProbe(options: PrivilegesOptions): () => Promise<Privileges> {
  const { docker, call, owner, log } = options
  let found: Promise<Privileges> | undefined

  async function probe(): Promise<Privileges> {
    const image = await options.image()
    const container = await call('CreateContainerError', () =>
      docker.createContainer({
        Image: image,
        Entrypoint: ['/bin/true'],
        Cmd: [],
        Labels: { [label.cluster]: owner.clusterId, [label.node]: owner.nodeName },
        HostConfig: { Privileged: true, NetworkMode: 'none', LogConfig: { Type: 'none', Config: {} } },
      }),
    )
    try {
      await call('RunContainerError', () => container.start())
      return { full: true }
    } catch (error) {
      log.warn('this engine cannot run privileged containers; they get reduced capabilities', { error })
      return { full: false }
    } finally {
      await call('RemoveContainerError', () => container.remove({ force: true }))
    }
  }

  return () => {
    found ??= probe().catch((error: unknown) => {
      found = undefined
      throw error
    })
    return found
  }
}
