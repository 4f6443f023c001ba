// The first field of a form whose value was refused.

/** Brings it into sight, with the focus: of a long form it may be far above the button. */
export function showFirstFault(form: HTMLFormElement | null | undefined): void {
  const field = form?.querySelector('[aria-invalid="true"]')
  if (!(field instanceof HTMLElement)) return
  field.focus({ preventScroll: true })
  field.scrollIntoView({ block: 'center' })
}
