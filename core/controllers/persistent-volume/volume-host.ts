/** Where the built-in provisioner's volumes really lie. Both calls are idempotent and reject with a reason for users. */
export interface VolumeHost {
  /** Makes an empty directory of this name that every user may write to. */
  create(name: string, claim: { namespace: string; name: string }): Promise<void>
  /** Removes it with all it holds; resolves also when there is none. Rejects while a container has it mounted. */
  remove(name: string): Promise<void>
}

/** Simulated nodes run no containers: there is nothing to keep. */
export const noVolumeHost: VolumeHost = { create: () => Promise.resolve(), remove: () => Promise.resolve() }
