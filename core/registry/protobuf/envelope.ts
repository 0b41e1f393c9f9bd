/** `k8s` and a zero byte: how upstream marks its protobuf (apimachinery runtime/serializer/protobuf). */
export const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00])

/** Field numbers of runtime.Unknown, which every protobuf body is wrapped in, and of its TypeMeta. */
export const envelope = {
  typeMeta: 1,
  raw: 2,
  contentEncoding: 3,
  contentType: 4,
  apiVersion: 1,
  kind: 2,
} as const
