/**
 * What becomes of an object's bytes on their way to the disk and back, by the key they are stored under. Both directions
 * give back the same reference where nothing is to be done.
 */
export interface ValueCipher {
  /** The form to store now. */
  seal(key: string, value: Uint8Array): Uint8Array
  /** The object's JSON. Throws StorageFailureError, naming the object, when it cannot be had. */
  open(key: string, value: Uint8Array): Uint8Array
  /** Whether a stored form is not the one `seal` would choose today: another key, or plain where it should not be. */
  isStale(key: string, value: Uint8Array): boolean
  /** A number that changes with what `seal` does (resources, newest key); never 0. */
  readonly fingerprint: number
}
