/** A volume that cannot be set up now; reason and message are those of upstream's event on the pod. */
export class VolumeError extends Error {
  readonly reason: 'FailedMount' | 'FailedAttachVolume' | 'FailedMapVolume'

  constructor(
    message: string,
    options: ErrorOptions & { reason?: 'FailedMount' | 'FailedAttachVolume' | 'FailedMapVolume' } = {},
  ) {
    super(message, options)
    this.reason = options.reason ?? 'FailedMount'
  }
}
