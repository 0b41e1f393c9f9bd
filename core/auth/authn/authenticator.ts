import type { UserInfo } from '../../api/request.ts'

/** A verified client certificate's subject, or why the presented one does not count. */
export interface PresentedCertificate {
  /** Whether it chains to our CA, is in date and allows client use: the TLS layer's verdict. */
  verified: boolean
  /** When it ends, in milliseconds since 1970. */
  expiresAt: number
  commonName: string
  organizations: string[]
  /** Of the certificate as a whole, in hexadecimal. */
  sha256: string
}

/** What a request shows to say who it is. */
export interface Credentials {
  certificate?: PresentedCertificate
  /** The `Authorization` header. */
  authorization?: string
  /** A bearer token sent another way (WebSocket subprotocol). */
  bearerToken?: string
}

/**
 * Tells who makes a request. Gives undefined when no credentials were shown (the request is anonymous) and throws a
 * 401 StatusError when those shown are no good.
 */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<UserInfo | undefined>
}

/** One way to judge a bearer token; undefined when it is not this way's kind of token or is not valid. */
export interface TokenAuthenticator {
  authenticateToken(token: string): Promise<UserInfo | undefined>
  /** For tokens that are made out to audiences: whose it is, and which of these it is for. */
  authenticateFor?(
    token: string,
    audiences: string[],
  ): Promise<{ user: UserInfo; audiences: string[] } | undefined>
}

/** Groups every user gets. */
export const authenticatedGroup = 'system:authenticated'
export const unauthenticatedGroup = 'system:unauthenticated'

/** Who a request without credentials is. */
export const anonymousUser: UserInfo = { name: 'system:anonymous', groups: [unauthenticatedGroup] }
