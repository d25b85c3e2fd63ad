/** @file Why a receiver could not be reached, in words that say what to do: what Node says of sockets, names and certificates is for programmers. */

const trust =
  'If it is yours, start Surprisal with NODE_EXTRA_CA_CERTS naming the file of the authority that signed it; nothing was sent.';

/** What follows the name of the receiver. */
const words: Record<string, string> = {
  ECONNREFUSED: 'does not answer: nothing listens there. Check the address and the port, and that it runs.',
  ENOTFOUND: 'is no name that can be looked up. Check the address.',
  EAI_AGAIN: 'cannot be looked up now: the name server does not answer. Check the network.',
  ECONNRESET: 'does not answer: it closed the connection. Check the address, and that it runs.',
  UND_ERR_SOCKET: 'does not answer: it closed the connection. Check the address, and that it runs.',
  ETIMEDOUT: 'does not answer: no connection came about. Check the address, and what lies between.',
  UND_ERR_CONNECT_TIMEOUT: 'does not answer: no connection came about. Check the address, and what lies between.',
  EHOSTUNREACH: 'does not answer: no way leads there. Check the address and the network.',
  ENETUNREACH: 'does not answer: no way leads there. Check the address and the network.',
  CERT_HAS_EXPIRED: 'has a certificate that has expired. Renew it there; nothing was sent.',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet. Check the clocks of both; nothing was sent.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'has a certificate for another name. Use the name that it was made for, or make one for this name; nothing was sent.',
  DEPTH_ZERO_SELF_SIGNED_CERT: `has a certificate that it signed itself. ${trust}`,
  SELF_SIGNED_CERT_IN_CHAIN: `has a certificate of an authority that is not known here. ${trust}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `has a certificate of an authority that is not known here, or does not send those between. ${trust}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `has a certificate of an authority that is not known here. ${trust}`,
  UNABLE_TO_GET_ISSUER_CERT: `has a certificate of an authority that is not known here. ${trust}`,
  CERT_REVOKED: 'has a certificate that was revoked. Renew it there; nothing was sent.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS at this port. Check the port, or whether it is meant without TLS.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG:
    'does not speak TLS at this port. Check the port, or whether it is meant without TLS.',
  EPROTO: 'and this computer found no common way to speak TLS. Check its versions, and whether the port is one of TLS.',
};

/** What is under fetch's "fetch failed", and under several addresses of one name. */
function causeOf(error: unknown): { code?: string; name: string; message: string } {
  if (!(error instanceof Error)) return { name: '', message: String(error) };
  const { cause } = error;
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return cause instanceof Error ? causeOf(cause) : error;
}

export function failureInWords(error: unknown): string {
  const { code = '', name, message } = causeOf(error);
  if (name === 'TimeoutError') return 'does not answer in time. Check the address, and that it runs.';
  const known = words[code];
  if (known !== undefined) return known;
  // The list of the Fetch standard: ports of mail, printers and the like.
  if (message === 'bad port') return 'is at a port that web requests are never sent to. Let it listen at another.';
  if (code.startsWith('ERR_SSL_')) return words['EPROTO'] ?? '';
  return `does not answer: ${message}. Check the address, and that it runs.`;
}
