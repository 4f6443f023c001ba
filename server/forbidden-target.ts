// Where no call may go, whoever registers it: to FaDO itself, and to addresses that a cloud's machine tells its secrets at.
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Why calls may not go there, as the end of a sentence; undefined: they may. `address` is an IP address. */
export type ForbiddenTarget = (address: string, port: number) => string | undefined

/** Link-local networks, where AWS, Azure and Google have their metadata, and what they, Oracle and Scaleway have elsewhere. */
const metadata = new BlockList()
metadata.addSubnet('fe80::', 10, 'ipv6')
metadata.addSubnet('fd00:ec2::', 32, 'ipv6')
metadata.addAddress('fd20:ce::254', 'ipv6')
metadata.addSubnet('fd00:c1::', 32, 'ipv6')
metadata.addSubnet('fd00:42::', 32, 'ipv6')
for (const [network, bits] of [
  ['169.254.0.0', 16],
  ['168.63.129.16', 32],
  ['100.100.100.200', 32],
] as const) {
  metadata.addSubnet(network, bits)
  // As IPv6 reaches it where NAT64 is (RFC 6052, RFC 8215).
  for (const prefix of ['64:ff9b::', '64:ff9b:1::']) metadata.addSubnet(`${prefix}${network}`, 96 + bits, 'ipv6')
}

const here = new BlockList()
here.addSubnet('127.0.0.0', 8)
here.addSubnet('0.0.0.0', 8)
here.addAddress('::1', 'ipv6')
here.addAddress('::', 'ipv6')

const allow = 'FADO_ALLOW_ANY_TARGET=1 allows it'

/** `own`: the ports on which FaDO and its Envoy listen on this machine. */
export function forbiddenTargets(own: readonly number[]): ForbiddenTarget {
  const isHere = (address: string) => matches(here, address) || matches(ofThisMachine(), address)
  return (address, port) => {
    if (matches(metadata, address))
      return `an address of this machine's network itself, where clouds keep secrets (${allow})`
    return own.includes(port) && isHere(address) ? `FaDO itself (${allow})` : undefined
  }
}

function ofThisMachine(): BlockList {
  const all = new BlockList()
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((some) => some ?? []))
    all.addAddress(address, family === 'IPv6' ? 'ipv6' : 'ipv4')
  return all
}

/** An IPv4 address that is written as one of IPv6 is the same. */
const matches = (list: BlockList, address: string) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

export const anyTarget: ForbiddenTarget = () => undefined
