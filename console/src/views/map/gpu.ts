// Whether this machine has a graphics processor that the browser uses. Where one is only imitated, a
// canvas that asks for it is many times slower than one that is painted by the processor itself.

const IMITATED = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export function paintsInSoftware(): boolean {
  const on = document.createElement('canvas').getContext('webgl');
  if (on === null) return true;
  const named = on.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = named === null ? '' : on.getParameter(named.UNMASKED_RENDERER_WEBGL);
  on.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof name === 'string' && IMITATED.test(name);
}
