import type { GroupVersionKind } from '../../api/gvk.ts'

/** The methods that an operation can have, as both forms of documents spell them. */
export type HttpMethod = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch'

/** A parameter in a path or a query. */
export interface RouteParameter {
  name: string
  in: 'path' | 'query'
  type: 'string' | 'integer' | 'boolean'
  description?: string
}

/** What a body or an answer is: the name of a schema, or plain text. */
export type Model = { schema: string } | { type: 'string' }

/** One method at one path, as documents tell of it (upstream: a go-restful Route). */
export interface Route {
  method: HttpMethod
  path: string
  /** A verb and what it is done to, such as `listNamespacedPod`: the operation's id less group and version. */
  operation: string
  description?: string
  parameters: RouteParameter[]
  body?: { schema: string; isRequired: boolean }
  consumes?: readonly string[]
  produces?: readonly string[]
  /** What is answered, by code. */
  answers: Partial<Record<200 | 201 | 202, Model>>
  /** What is done to objects of which kind, where the route is of a kind. */
  action?: string
  kind?: GroupVersionKind
}

/** What an answer's code says in documents. */
export const answerDescriptions: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
}

/** The types in which objects are answered, and those in which watches are. */
export const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
export const streamMediaTypes = [
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
]
export const anyType = ['*/*']
