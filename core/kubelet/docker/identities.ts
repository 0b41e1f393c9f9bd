import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import { LRUCache } from 'lru-cache'
import type { ContainerSpec } from '../runtime/specs.ts'
import { accountOf, isNumeric, membershipsOf, processUser } from './accounts.ts'
import type { Accounts, ProcessUser } from './accounts.ts'
import type { EngineCall } from './engine-call.ts'
import type { Images } from './images.ts'
import { label } from './labels.ts'
import type { Owner } from './labels.ts'
import { readContainerFile } from './read-file.ts'

/** As whom a container's process runs. */
export type Identity = Pick<ContainerSpec, 'user' | 'supplementalGroups'>

/** What containers run as, before they are made and afterwards. */
export interface Identities {
  /** As whom a container is to be made. */
  toMake(spec: ContainerSpec): Promise<Identity>
  /** As whom the first process of a container began. */
  ofContainer(info: ContainerInspectInfo): Promise<ProcessUser | undefined>
}

interface IdentitiesOptions {
  docker: Docker
  call: EngineCall
  owner: Owner
  images: Pick<Images, 'status'>
}

const rememberedImages = 100
const longestFile = 1024 * 1024

/**
 * The groups of containers under the pod's supplementalGroupsPolicy (upstream: CRI SupplementalGroupsPolicy). Docker adds those
 * that the image gives the user unless it is told a primary group: what policy and engine disagree about is evened out
 * here, by the image's own files.
 */
export function createIdentities(options: IdentitiesOptions): Identities {
  const { docker, call, owner, images } = options
  const known = new LRUCache<string, Promise<Accounts>>({ max: rememberedImages })

  async function readAccounts(container: string): Promise<Accounts> {
    const read = async (path: string): Promise<string> =>
      String(await readContainerFile(options, { id: container, path, longest: longestFile }))
    return { passwd: await read('/etc/passwd'), group: await read('/etc/group') }
  }

  async function readImage(image: string): Promise<Accounts> {
    const container = await call('CreateContainerError', () =>
      docker.createContainer({
        Image: image,
        // It never runs; an image without a command needs one all the same.
        Entrypoint: ['/none'],
        Labels: { [label.cluster]: owner.clusterId, [label.node]: owner.nodeName },
        HostConfig: { NetworkMode: 'none', LogConfig: { Type: 'none', Config: {} } },
      }),
    )
    try {
      return await readAccounts(container.id)
    } finally {
      await call('RemoveContainerError', () => container.remove({ force: true }))
    }
  }

  function accountsOf(image: string, read: () => Promise<Accounts>): Promise<Accounts> {
    const found = known.get(image)
    if (found) return found
    const reading = read()
    known.set(image, reading)
    reading.catch(() => known.delete(image))
    return reading
  }

  async function toMake(spec: ContainerSpec): Promise<Identity> {
    const { user, supplementalGroups } = spec
    const own: Identity = {
      ...(user === undefined ? {} : { user }),
      ...(supplementalGroups ? { supplementalGroups } : {}),
    }
    const isStrict = spec.strictGroups === true
    if (isStrict === (user?.includes(':') ?? false)) return own
    const image = await images.status(spec.image)
    if (!image) return own
    const accounts = await accountsOf(image.id, () => readImage(image.id))
    if (isStrict) return { ...own, user: withPrimaryGroup(user ?? (image.user || '0'), accounts) }
    const groups = new Set([...(supplementalGroups ?? []), ...membershipsOf(user!.split(':')[0]!, accounts)])
    return groups.size > 0 ? { ...own, supplementalGroups: [...groups] } : own
  }

  return {
    toMake,
    async ofContainer({ Id: id, Image: image, Config: { User: user }, HostConfig: { GroupAdd: added } }) {
      const groups = (added ?? []).map(String)
      if (isNumeric(user, groups)) return processUser(user, groups, { passwd: '', group: '' })
      return processUser(user, groups, await accountsOf(image, () => readAccounts(id)))
    },
  }
}

/** Named with its group, a user gets no further ones from Docker. */
function withPrimaryGroup(user: string, accounts: Accounts): string {
  return user.includes(':') ? user : `${user}:${accountOf(user, accounts)?.gid ?? 0}`
}
