import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { PodView } from '../container/field-ref.ts'
import type { IssuedToken, KubeletApi } from '../kubelet-api.ts'
import type { RuntimeVolume } from '../runtime/specs.ts'
import { buildFileVolumes, buildVolumes } from './build-volumes.ts'
import type { VolumeSources } from './volume-files.ts'

/** Makes pods' volumes, and keeps their service account tokens fresh. */
export interface VolumeManager {
  /** The volumes with their contents of now. Throws a VolumeError when one cannot be had. */
  build(view: PodView, allocatable: Record<string, string>): Promise<RuntimeVolume[]>
  /** Those whose files follow an object of the API, likewise. */
  buildFiles(view: PodView, allocatable: Record<string, string>): Promise<RuntimeVolume[]>
  /** Unique names of the volumes that have to be attached before pods get them, in order; of no pod that was forgotten. */
  inUse(): string[]
  forget(podUid: string): void
}

/** Upstream's default lifetime of projected tokens. */
const defaultTokenSeconds = 3600
/** A token is renewed when less than this part of its life is left (upstream: 20 %). */
const renewalPart = 0.2

interface HeldToken extends IssuedToken {
  issuedAt: number
}

/** A volume manager; tokens are asked for once and used until they near their end. */
export function createVolumeManager(options: {
  api: KubeletApi
  clock: Clock
  /** Called when `inUse` answers something else. */
  onInUseChange: () => void
}): VolumeManager {
  const { api, clock, onInUseChange } = options
  /** Unique names by pod. */
  const inUse = new Map<string, Set<string>>()
  const tokens = new Map<string, HeldToken>()

  const requestToken: VolumeSources['requestToken'] = async (pod: Pod, projection) => {
    const expirationSeconds = projection.expirationSeconds ?? defaultTokenSeconds
    const key = `${pod.metadata.uid}_${projection.audience ?? ''}_${expirationSeconds}`
    const held = tokens.get(key)
    const now = clock.now()
    if (held && held.expiresAt - now > (held.expiresAt - held.issuedAt) * renewalPart) return held.token
    const issued = await api.requestToken(pod, {
      expirationSeconds,
      ...(projection.audience ? { audience: projection.audience } : {}),
    })
    tokens.set(key, { ...issued, issuedAt: now })
    return issued.token
  }

  function use(pod: Pod, volume: string): void {
    const { uid = '' } = pod.metadata
    const names = inUse.get(uid) ?? new Set()
    if (names.has(volume)) return
    inUse.set(uid, names.add(volume))
    onInUseChange()
  }

  const shared = { config: api, storage: api, requestToken, useAttachable: use }
  return {
    build: (view, allocatable) => buildVolumes(view.pod, { view, allocatable, ...shared }),
    buildFiles: (view, allocatable) => buildFileVolumes(view.pod, { view, allocatable, ...shared }),
    inUse: () => [...new Set([...inUse.values()].flatMap((names) => [...names]))].toSorted(),
    forget(podUid) {
      if (inUse.delete(podUid)) onInUseChange()
      for (const key of tokens.keys()) if (key.startsWith(`${podUid}_`)) tokens.delete(key)
    },
  }
}
