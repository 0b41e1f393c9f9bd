/** An image the engine has. */
export interface ImageStatus {
  id: string
  tags: string[]
  digests: string[]
  sizeBytes: number
  user?: string
}

/** What somebody shows to a registry. */
export interface RegistryAuth {
  username: string
  password: string
  serverAddress: string
}

/** How far the pull of an image is. */
export interface PullProgress {
  layers: number
  /** Those that are on the machine and unpacked. */
  layersDone: number
  downloadedBytes: number
  /** Of the layers whose download began; grows as more of them begin. */
  totalBytes: number
}

/** What whoever asks for a pull may do while it goes on. */
export interface PullControl {
  /** Ends the pull. */
  signal: AbortSignal
  /** Told of every change, which may be many in a second; never after the pull ended. */
  onProgress?: (progress: PullProgress) => void
}

/** What a pull brought. */
export interface PulledImage {
  image: ImageStatus
  /** The credentials that the registry took; absent when it asked for none. */
  auth?: RegistryAuth
}
