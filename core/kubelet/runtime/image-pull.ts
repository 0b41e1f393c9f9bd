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
