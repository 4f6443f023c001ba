/** Whether a url leads to an address and not to a name. `hostname`: as URL has it, an IPv6 address in brackets. */
export const isAddress = (hostname: string): boolean => hostname.startsWith('[') || /^[\d.]+$/.test(hostname)
