/** Signs certificates that others asked for; handed in by whoever holds the cluster's CA. */
export interface SigningAuthority {
  /**
   * A certificate (PEM) for a request, which is base64 of a PEM block with a PKCS#10 request: its subject, key and
   * subjectAltNames, with the usages of `certificates.k8s.io/v1` instead of its own extensions.
   */
  sign(request: string, terms: { usages: string[]; durationMs: number }): Promise<string>
}
