/** One field of a Go struct as `protobuf-fields.json` tells it: JSON name, Go type, protobuf number, omit rules. */
export interface GoField {
  /** '' for an embedded struct whose fields belong to the outer one; '-' for a field without a JSON form. */
  json: string
  /** The Go type as written in the declaring package, e.g. `*int32`, `[]Container`, `metav1.ObjectMeta`. */
  go: string
  /** Protobuf field number. */
  n: number
  omitempty: boolean
  omitzero: boolean
}
