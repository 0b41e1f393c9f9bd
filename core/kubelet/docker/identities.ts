import type Docker from 'dockerode'
import { LRUCache } from 'lru-cache'
import type { ContainerSpec } from '../runtime/runtime.ts'
import type { EngineCall } from './engine-call.ts'
import type { Images } from './images.ts'
import { label } from './labels.ts'
import type { Owner } from './labels.ts'
import { readContainerFile } from './read-file.ts'

/** As whom a container's process runs. */
export type Identity = Pick<ContainerSpec, 'user' | 'supplementalGroups'>

/** The files of an image that give users their groups. */
interface Accounts {
  passwd: string
  group: string
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
export function createIdentities(options: IdentitiesOptions): (spec: ContainerSpec) => Promise<Identity> {
  const { docker, call, owner, images } = options
  const known = new LRUCache<string, Promise<Accounts>>({ max: rememberedImages })

  async function readAccounts(image: string): Promise<Accounts> {
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
      const read = async (path: string): Promise<string> =>
        String(await readContainerFile(options, { id: container.id, path, longest: longestFile }))
      return { passwd: await read('/etc/passwd'), group: await read('/etc/group') }
    } finally {
      await call('RemoveContainerError', () => container.remove({ force: true }))
    }
  }

  function accountsOf(id: string): Promise<Accounts> {
    const found = known.get(id)
    if (found) return found
    const reading = readAccounts(id)
    known.set(id, reading)
    reading.catch(() => known.delete(id))
    return reading
  }

  return async (spec) => {
    const { user, supplementalGroups } = spec
    const own: Identity = {
      ...(user === undefined ? {} : { user }),
      ...(supplementalGroups ? { supplementalGroups } : {}),
    }
    const isStrict = spec.strictGroups === true
    if (isStrict === (user?.includes(':') ?? false)) return own
    const image = await images.status(spec.image)
    if (!image) return own
    const accounts = await accountsOf(image.id)
    if (isStrict) return { ...own, user: withPrimaryGroup(user ?? (image.user || '0'), accounts) }
    const groups = new Set([...(supplementalGroups ?? []), ...membershipsOf(user!.split(':')[0]!, accounts)])
    return groups.size > 0 ? { ...own, supplementalGroups: [...groups] } : own
  }
}

/** Named with its group, a user gets no further ones from Docker. */
function withPrimaryGroup(user: string, accounts: Accounts): string {
  return user.includes(':') ? user : `${user}:${accountOf(user, accounts)?.gid ?? 0}`
}

/** Of a user that is named or numbered. */
function accountOf(user: string, { passwd }: Accounts): { name: string; gid: number } | undefined {
  for (const line of passwd.split('\n')) {
    const [name = '', , uid, gid] = line.split(':')
    if (name !== '' && (name === user || uid === user)) return { name, gid: Number(gid) }
  }
  return undefined
}

function membershipsOf(user: string, accounts: Accounts): number[] {
  const name = accountOf(user, accounts)?.name
  if (name === undefined) return []
  return accounts.group.split('\n').flatMap((line) => {
    const [, , gid, members = ''] = line.split(':')
    return gid !== undefined && members.split(',').includes(name) ? [Number(gid)] : []
  })
}
